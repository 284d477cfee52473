/** Reports the cycles of a plan: draws each one and computes which of its edges you can remove. */
import { placeText, type Place } from '../component/place.ts';
import { identifierName, keyText } from '../context/key.ts';
import { ComponentNode, componentText } from './component-node.ts';
import { findCycles } from './cycles.ts';
import { GraphProblem, type ProblemSubject } from './errors.ts';
import type { Need, PlannedComponent, Provider, Step } from './plan.ts';
import { slotText } from './problem-text.ts';

/** Removing one edge is enough, so a few suggestions suffice for a long cycle. */
const mostHelp = 3;

export function describeCycles(
  steps: readonly Step[],
  components: readonly PlannedComponent[],
  providers: readonly Provider[],
): DependencyCycleError[] {
  const cycles = findCycles(steps.map(({ needs }) => needs));
  if (cycles.length === 0) return [];
  const providersOf = new Map<number, Provider[]>();
  for (const provider of providers) {
    const others = providersOf.get(provider.step);
    if (others) others.push(provider);
    else providersOf.set(provider.step, [provider]);
  }
  return cycles.map((cycle) => {
    const links: CycleLink[] = [];
    const help: string[] = [];
    cycle.forEach((index, position) => {
      const step = steps[index]!;
      const next = steps[cycle[(position + 1) % cycle.length]!]!;
      const need = needBetween(components[step.node.index]!, step, providersOf.get(next.index) ?? []);
      if (need) {
        const { all, inversify, site } = need.declaration;
        links.push({
          component: step.node.path,
          type: step.node.type.name,
          member: slotText(need.declaration),
          key: need.key,
          who: `${componentText(step.node)}, ${slotText(need.declaration)},`,
          waits: `needs \`${keyText(need.key)}\`, provided by ${componentText(next.node)}`,
          place: ComponentNode.placeOf(step.node, site),
        });
        const id = identifierName(need.key.id);
        const place = `${slotText(need.declaration)} of ${step.node.type.name}`;
        const whose = inversify ? ' of @asphalt/core' : '';
        if (!all) help.push(`defer one need: @inject(${id}, { deferred: true })${whose} on ${place}`);
      } else if (step.node !== next.node) {
        const { path: component, type } = step.node;
        links.push({ component, type: type.name, who: componentText(step.node), waits: familyText(step, next) });
        if (next.kind === 'prepare') help.push(`move the code in prepare() of ${next.node.type.name} to start()`);
      }
    });
    return new DependencyCycleError(links, help.slice(0, mostHelp));
  });
}

/** Returns the need for which a step waits for one of the providers, or undefined if the order comes from the tree. */
function needBetween({ wiring }: PlannedComponent, step: Step, providers: readonly Provider[]): Need | undefined {
  const needs =
    step.kind === 'construct'
      ? [...wiring.constructor, ...wiring.properties]
      : (wiring.methods.get(step.provider ? step.provider.declaration.member! : step.kind) ?? []);
  return needs.find(
    (need) =>
      need &&
      !need.declaration.deferred &&
      providers.some(({ ids, name }) => ids.includes(need.key.id) && (need.declaration.all || name === need.key.name)),
  );
}

function familyText({ node }: Step, next: Step): string {
  const who = componentText(next.node);
  if (next.kind !== 'prepare') return `starts after its child, ${who}`;
  return next.node === node.parent
    ? `is created after prepare() of its parent, ${who}`
    : `is created after prepare() of its ancestor, ${who}`;
}

/** One line of a drawn cycle. */
export interface CycleLink extends ProblemSubject {
  readonly who: string;
  readonly waits: string;
  readonly place?: Place | undefined;
}

/** Reported when components depend on each other in a cycle. */
export class DependencyCycleError extends GraphProblem {
  readonly code = 'ERR_DEPENDENCY_CYCLE';

  constructor(
    readonly links: readonly CycleLink[],
    help: readonly string[],
  ) {
    super(links.find(({ key }) => key) ?? links[0]!, {
      summary: `${whoWaits(links)} and can never start`,
      details: [['', drawCycle(links)]],
      help,
      place: links.find(({ place }) => place)?.place,
    });
  }
}

function whoWaits(links: readonly CycleLink[]): string {
  const { size } = new Set(links.map(({ component }) => component));
  if (size === 1) return 'A component depends on itself';
  return `${size === 2 ? 'Two' : size} components depend on each other`;
}

function drawCycle(links: readonly CycleLink[]): string {
  const lines = links.flatMap(({ who, waits, place }, index) => [
    `${index === 0 ? '╭─▶' : '│  '} ${who} ${waits}`,
    ...(place === undefined ? [] : [`│     at ${placeText(place)}`]),
    ...(index === links.length - 1 ? [] : ['│     ▼']),
  ]);
  return [...lines, '╰─────╯'].join('\n');
}
