import { AsphaltError } from '@asphalt/core';
import { componentText, isOfNode, placeText, type Delay } from './delay.ts';

/** Thrown when code blocks the event loop for longer than the limit. */
export class BlockingError extends AsphaltError {
  readonly code = 'ERR_BLOCKING';

  constructor(
    readonly delay: Delay,
    readonly limitMs: number,
  ) {
    const { place, stack, component, durationMs } = delay;
    super({
      summary: `The event loop was blocked for ${Math.round(durationMs)} ms, the limit is ${limitMs} ms`,
      details: [
        ['by', place && (isOfNode(place) ? 'code of Node, called by no function of the program' : placeText(place))],
        ['of', component && componentText(component)],
        [
          'called by',
          stack
            .slice(place ? stack.indexOf(place) + 1 : 0)
            .slice(0, 5)
            .map(placeText)
            .join('\n') || undefined,
        ],
      ],
      help: ['do the work in a thread: @asphalt/threads', 'split the work, and await between the parts'],
    });
  }
}
