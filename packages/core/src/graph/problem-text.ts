/** Phrases that the problems of a graph share. */
import { placeText, type Site } from '../component/place.ts';
import { ComponentNode, componentText, componentTrail } from './component-node.ts';

/** Returns the name of a member in messages. */
export function memberText(member: PropertyKey | undefined, index: number | undefined): string {
  if (member === undefined) return index === undefined ? 'the class' : `constructor parameter ${index + 1}`;
  return index === undefined ? `\`${String(member)}\`` : `\`${String(member)}()\` parameter ${index + 1}`;
}

/** Returns the name in messages of the place that a declaration is for, in the class that the user wrote. */
export function slotText({ member, index, declaredFor, isLookup }: Slot): string {
  if (isLookup) return '`lookups`';
  return declaredFor ? memberText(declaredFor.member, declaredFor.index) : memberText(member, index);
}

interface Slot {
  readonly member: PropertyKey | undefined;
  readonly index?: number | undefined;
  readonly declaredFor?: Omit<Slot, 'declaredFor'> | undefined;
  readonly isLookup?: boolean;
}

/** Returns the lines of a message that locate a problem. */
export function where(
  node: ComponentNode,
  member: string,
  site: Site | undefined,
): Array<readonly [string, string | undefined]> {
  return [
    ['required by', `${componentText(node)}, ${member}`],
    ['path', node.path === '' ? undefined : componentTrail(node)],
    ['declared at', placeText(ComponentNode.placeOf(node, site))],
  ];
}
