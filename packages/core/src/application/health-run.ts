/**
 * One call of a health check, in a context of its own. At its limit, or when its component stops, the abort signal fires.
 * At the limit the context closes, too, even if the method is still running, so that no call keeps resources for ever.
 */
import type { Context } from '../context/context.ts';
import { startTimer } from '../context/timer.ts';
import { componentName } from '../graph/component-node.ts';
import type { PlannedHealthCheck } from '../graph/plan.ts';
import type { RunningComponent } from './running-component.ts';

/** The error of a call. */
export interface HealthFailure {
  readonly error: unknown;
}

export class HealthRun {
  readonly component: RunningComponent;
  readonly since = new Date();
  /** Resolves with the failure, or undefined after a success, once the context has closed or the limit has passed. */
  readonly outcome: Promise<HealthFailure | undefined>;
  /** Resolves when the method has settled and the context has closed. */
  readonly ended: Promise<unknown>;
  readonly #startedAt = performance.now();
  readonly #timeoutMs: number;
  readonly #context: Context;
  #isOverdue = false;

  /** @param parent - context of the application */
  constructor(
    { node, declaration: { member, timeoutMs } }: PlannedHealthCheck,
    component: RunningComponent,
    parent: Context,
  ) {
    this.component = component;
    this.#timeoutMs = timeoutMs;
    this.#context = parent.child(`${componentName(node)}.${String(member)}`);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<HealthFailure>((resolve) => {
      timer = startTimer(timeoutMs, () => resolve(this.#exceeded()));
    });
    const called = failureOf(async () => component.check(member, this.#context));
    const closed = Promise.race([called, limit]).then((failure) => this.#close(failure));
    this.outcome = Promise.race([closed, limit]);
    this.ended = Promise.all([called, closed]);
    void this.#belongTo(component, `${String(member)}()`, closed).then(() => clearTimeout(timer));
  }

  /** Lets the stop of the component abort the call and wait for it. */
  async #belongTo(
    { context: { abort, lifetime } }: RunningComponent,
    label: string,
    closed: Promise<unknown>,
  ): Promise<void> {
    const cancel = (): void => this.#context.cancel(abort.reason);
    abort.addEventListener('abort', cancel, { once: true });
    const teardown = lifetime.teardowns.add(label, () => closed);
    await closed;
    abort.removeEventListener('abort', cancel);
    lifetime.teardowns.remove(teardown);
  }

  /** Whether the limit has passed. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  /** Whole milliseconds since the call. */
  get tookMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  #exceeded(): HealthFailure {
    this.#isOverdue = true;
    const error = new DOMException(
      `The health check exceeded its limit of ${this.#timeoutMs / 1000} s`,
      'TimeoutError',
    );
    this.#context.cancel(error);
    return { error };
  }

  /** Closes the context. @returns the failure of the call, otherwise that of the teardown */
  async #close(failure: HealthFailure | undefined): Promise<HealthFailure | undefined> {
    // Teardowns take `undefined` for success.
    const endedBy = failure && (failure.error ?? new Error(`the health check threw ${String(failure.error)}`));
    const later = await failureOf(() => this.#context.close(endedBy, { limitMs: this.#timeoutMs }));
    return failure ?? later;
  }
}

async function failureOf(call: () => Promise<unknown>): Promise<HealthFailure | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return { error };
  }
}
