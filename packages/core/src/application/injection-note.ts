/** Explains a TypeError of a component's code if the cause may be a value that the component expects to be injected. */
import { parametersWithoutInject } from '../component/undeclared-parameters.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import { memberText } from '../graph/problem-text.ts';

export interface InjectionNote {
  readonly note: string;
  readonly help: string;
}

/**
 * Returns a note and a fix for an error of a component.
 *
 * @param member - the method that failed; undefined for the constructor
 * @param passed - the values that its parameters without `@inject` received, in order
 */
export function injectionNote(
  { type, declarations: { needs } }: ComponentNode,
  member: PropertyKey | undefined,
  passed: readonly string[],
  error: unknown,
): InjectionNote | undefined {
  if (!(error instanceof TypeError)) return undefined;
  if (member === undefined) {
    const properties = needs.filter((need) => need.member !== undefined && need.index === undefined);
    if (properties.length === 0) return undefined;
    const names = properties.map((need) => `\`${String(need.member)}\``).join(', ');
    return {
      note: `the runtime injects ${names} after the constructor and the field initializers have run`,
      help: 'inject it as a constructor parameter, or use it in start()',
    };
  }
  const free = parametersWithoutInject(type, member, needs);
  const nth = passed.findIndex((value, at) => value !== 'event' && free[at] !== undefined);
  if (nth < 0) return undefined;
  return {
    note: `${memberText(member, free[nth])} has no @inject() and received the ${passed[nth]}`,
    help: 'add @inject(…) to it, unless that is the value that it expects',
  };
}
