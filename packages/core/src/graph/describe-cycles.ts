/** Tells what every cycle of a plan is made of, and which of its arrows could be taken away. */
import { placeOf, placeText } from '../component/place.ts';
import { identifierName, keyText } from '../context/key.ts';
import { componentText } from './component-node.ts';
import { findCycles } from './cycles.ts';
import type { Need, PlannedComponent, Step } from './plan.ts';
import { DependencyCycleError, memberText, type CycleLink } from './problems.ts';

export function describeCycles(steps: readonly Step[], components: readonly PlannedComponent[]): DependencyCycleError[] {
  const cycles = findCycles(steps.map(({ needs }) => needs));
  return cycles.map((cycle) => {
    const links: CycleLink[] = [];
    const help: string[] = [];
    cycle.forEach((index, position) => {
      const step = steps[index]!;
      const next = steps[cycle[(position + 1) % cycle.length]!]!;
      const need = needBetween(components[step.node.index]!, step, next);
      if (need) {
        const { member, index: parameter, site } = need.declaration;
        links.push({
          who: `${componentText(step.node)}, ${memberText(member, parameter)},`,
          waits: `needs \`${keyText(need.key)}\`, which ${componentText(next.node)} provides`,
          place: placeText(placeOf(site)),
        });
        help.push(`defer one need: @inject(${identifierName(need.key.id)}, { deferred: true }) at ${memberText(member, parameter)} of ${step.node.type.name}`);
      } else if (step.node !== next.node) {
        links.push({ who: componentText(step.node), waits: familyText(step, next), place: undefined });
        if (next.kind === 'prepare') help.push(`move what prepare() of ${next.node.type.name} does into start()`);
      }
    });
    return new DependencyCycleError(links, help);
  });
}

/** The need that makes one step wait for another; undefined where the order comes from the tree. */
function needBetween({ wiring }: PlannedComponent, step: Step, next: Step): Need | undefined {
  const needs =
    step.kind === 'construct'
      ? [...wiring.constructor, ...wiring.properties]
      : (wiring.methods.get(step.provider ? step.provider.declaration.member! : step.kind) ?? []);
  return needs.find((need) => need && !need.declaration.deferred && provides(next, need));
}

function provides(step: Step, { key, declaration }: Need): boolean {
  const providers = step.provider ? [step.provider.declaration] : step.node.declarations.providers.filter(({ member }) => member === undefined);
  const name = step.provider?.name ?? step.node.resourceName;
  return providers.some(({ ids }) => (ids as readonly unknown[]).includes(key.id)) && (declaration.all || name === key.name);
}

function familyText(step: Step, next: Step): string {
  return next.kind === 'prepare'
    ? `is made after prepare() of its parent, ${componentText(next.node)}`
    : `starts after its child, ${componentText(next.node)}`;
}
