/**
 * Runs one `@health` method, at most once at a time, and logs when its result changes. It must not decide when the method
 * runs; `Health` does.
 */
import type { PlannedHealthCheck } from '../graph/plan.ts';
import { reasonOf } from './health-reason.ts';
import { HealthRun } from './health-run.ts';
import type { RunningComponent } from './running-component.ts';
import type { Runtime } from './runtime.ts';

/** `degraded` is the status of a check that is not critical and failed. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** The result of one health check, or a state that counts as one. */
export interface HealthCheck {
  /** The component's path; empty for the root and for the application. */
  readonly component: string;
  /** The method; absent if the reason is the state of the component or of the application. */
  readonly member?: string;
  readonly status: HealthStatus;
  readonly tookMs: number;
  /** Why the status is not `up`: one line in which values of sensitive options are masked, except short or encoded ones. */
  readonly reason?: string;
}

export class HealthChecker {
  readonly planned: PlannedHealthCheck;
  readonly #runtime: Runtime;
  /** The call that has not ended. */
  #run: HealthRun | undefined;
  #isUp = true;

  constructor(planned: PlannedHealthCheck, runtime: Runtime) {
    this.planned = planned;
    this.#runtime = runtime;
  }

  /** Calls the method, unless a call is running, and returns the result. A call that exceeded its limit has failed. */
  async check(component: RunningComponent): Promise<HealthCheck> {
    // A restart replaces the component, and with it a call that never ends.
    const run = this.#run?.component === component ? this.#run : this.#start(component);
    const reason = run.isOverdue ? `still running since ${run.since.toISOString()}` : await this.#reasonOf(run);
    const result = this.#resultOf(run, reason);
    try {
      // A check that the stop of its component aborts has no result.
      if (component.isReady) this.#logChange(result, component);
      return result;
    } catch (error) {
      return this.#resultOf(run, reason ?? reasonOf(error, this.#runtime.plan));
    }
  }

  #start(component: RunningComponent): HealthRun {
    const run = new HealthRun(this.planned, component, this.#runtime.context);
    this.#run = run;
    void run.ended.then(() => {
      if (this.#run === run) this.#run = undefined;
    });
    return run;
  }

  async #reasonOf(run: HealthRun): Promise<string | undefined> {
    const failure = await run.outcome;
    return failure && reasonOf(failure.error, this.#runtime.plan);
  }

  #resultOf({ tookMs }: HealthRun, reason: string | undefined): HealthCheck {
    const { node, declaration, critical } = this.planned;
    return {
      component: node.path,
      member: String(declaration.member),
      status: reason === undefined ? 'up' : critical ? 'down' : 'degraded',
      tookMs,
      ...(reason !== undefined && { reason }),
    };
  }

  #logChange({ member, status, reason }: HealthCheck, { logger }: RunningComponent): void {
    const isUp = status === 'up';
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    if (isUp) logger.info(`Health check ${member}() is up again`);
    else logger.warn(`Health check ${member}() is ${status}: ${reason}`);
  }
}
