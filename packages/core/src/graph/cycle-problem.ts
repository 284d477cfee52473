/** Reports components that depend on each other, with a drawing of the cycle. */
import { placeText, type Place } from '../component/place.ts';
import { GraphProblem, type ProblemSubject } from './problems.ts';

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
