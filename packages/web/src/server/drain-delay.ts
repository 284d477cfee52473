/**
 * The time between the start of a stop and the end of the server, in which balancers notice that the application is not
 * ready. Components that depend on the server stop before it, and their time counts, too.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { callAfter, type Application } from '@asphalt/core';

export class DrainDelay {
  readonly #delayMs: number;
  /** Whether the application has been ready, so that balancers may send requests. */
  #isInService: boolean;
  #stoppedAt: number | undefined;

  /**
   * @param abort - aborts when the server's component starts to stop
   * @param onStop - called at that moment
   */
  constructor(
    delayMs: number,
    application: Pick<Application, 'state' | 'lifecycle'>,
    abort: AbortSignal,
    onStop: () => void,
  ) {
    this.#delayMs = delayMs;
    this.#isInService = application.state === 'started';
    abort.addEventListener(
      'abort',
      () => {
        this.#stoppedAt = performance.now();
        onStop();
      },
      { once: true },
    );
    // A subscriber causes the runtime to create an event for each step.
    if (this.#isInService || delayMs === 0) return;
    const subscription = application.lifecycle.subscribe((event) => {
      if (event.type !== 'application') return;
      this.#isInService = event.state === 'started';
      subscription.unsubscribe();
    });
  }

  /** Resolves at the end of the delay. */
  async wait(): Promise<void> {
    const restMs = this.#delayMs - (performance.now() - (this.#stoppedAt ?? performance.now()));
    if (!this.#isInService || restMs <= 0) return;
    await new Promise<void>((resolve) => void callAfter(restMs, resolve));
    // Requests may have arrived while code or other processes blocked the event loop. One turn accepts their connections,
    // and the next one reads them.
    for (let turn = 0; turn < 2; turn++) await nextTurn();
  }
}
