import { AsphaltError } from '@asphalt/core';
import { nearMisses } from '@asphalt/core/errors';

export type QueuesProblem =
  | { readonly kind: 'none' }
  | { readonly kind: 'several' | 'unknown'; readonly components: readonly string[] }
  | { readonly kind: 'no-queue'; readonly queues: readonly string[] };

const summaries: Record<QueuesProblem['kind'], string> = {
  none: 'No component of the application has queues',
  several: 'Several components of the application have queues',
  unknown: 'The component has no queues',
  'no-queue': 'The engine stores no queue with this name',
};

/** Thrown by `asphalt queues` when it cannot select the queues of one component, or a queue. */
export class QueuesSelectionError extends AsphaltError {
  readonly code = 'ERR_QUEUES_SELECTION';

  constructor(
    readonly problem: QueuesProblem,
    /** The path of the component, or the name of the queue; undefined if none is selected. */
    readonly selected?: string,
  ) {
    super({
      summary: summaries[problem.kind],
      details: [['got', selected === undefined ? undefined : `"${selected}"`]],
      help: helpFor(problem, selected),
    });
  }
}

function helpFor(problem: QueuesProblem, selected = ''): string | readonly string[] | undefined {
  switch (problem.kind) {
    case 'none':
      return 'add a component such as MessagingComponent of @asphalt/messaging';
    case 'no-queue': {
      const [near] = nearMisses(selected, problem.queues, 1);
      return near === undefined ? 'list the queues: asphalt queues' : `did you mean "${near}"?`;
    }
    case 'several':
    case 'unknown':
      return problem.components.map((path) => `select it: --component ${path}`);
  }
}
