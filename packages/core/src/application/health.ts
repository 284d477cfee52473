/**
 * Reports the health of a running application: the states of its components, and the results of their `@health` methods.
 * Calls share a report while its checks run and for a short time after that, unless a state changes.
 */
import type { HealthPurpose } from '../component/declaration-types.ts';
import { HealthChecker, type HealthCheck, type HealthStatus } from './health-checker.ts';
import type { ApplicationState, ComponentState } from './lifecycle.ts';
import type { RunningGraph } from './running-graph.ts';
import type { Runtime } from './runtime.ts';

/** The health of an application at one time. */
export interface HealthReport {
  /** The worst status of the checks; `up` if the report has none. */
  readonly status: HealthStatus;
  /** States that are not up, then the methods, both in the order of declaration. */
  readonly checks: readonly HealthCheck[];
}

interface KeptReport {
  readonly report: Promise<HealthReport>;
  /** The number of state changes before it. */
  readonly changes: number;
  /** The time of `performance.now()` until which it is valid; infinite while its checks run. */
  validUntil: number;
}

/** How long a report is valid, in milliseconds. */
const validMs = 1000;

export class Health {
  readonly #application: { readonly state: ApplicationState };
  readonly #runtime: Runtime;
  readonly #graph: RunningGraph;
  readonly #checkers: readonly HealthChecker[];
  readonly #reports = new Map<HealthPurpose, KeptReport>();

  constructor(application: { readonly state: ApplicationState }, runtime: Runtime, graph: RunningGraph) {
    this.#application = application;
    this.#runtime = runtime;
    this.#graph = graph;
    this.#checkers = runtime.plan.healthChecks.map((planned) => new HealthChecker(planned, runtime));
  }

  report(purpose: HealthPurpose): Promise<HealthReport> {
    const { changes } = this.#runtime.events;
    const latest = this.#reports.get(purpose);
    if (latest?.changes === changes && performance.now() < latest.validUntil) return latest.report;
    const kept: KeptReport = { report: this.#check(purpose), changes, validUntil: Infinity };
    this.#reports.set(purpose, kept);
    const expireAfter = (ms: number) => (): void => {
      kept.validUntil = performance.now() + ms;
    };
    void kept.report.then(expireAfter(validMs), expireAfter(0));
    return kept.report;
  }

  async #check(purpose: HealthPurpose): Promise<HealthReport> {
    // A method may request this report, so it must run after the report is kept.
    await Promise.resolve();
    const results = await Promise.all(this.#results(purpose));
    // States are read last, because they may have changed during the checks.
    const checks = purpose === 'ready' ? [...this.#statesNotUp(), ...results] : results;
    return { status: worstOf(checks), checks };
  }

  /** Calls the methods of the components that are ready, while the application is started. */
  *#results(purpose: HealthPurpose): Iterable<Promise<HealthCheck>> {
    if (this.#application.state !== 'started') return;
    for (const checker of this.#checkers) {
      const { node, declaration } = checker.planned;
      const component = this.#graph.components[node.index]!;
      if (declaration.for === purpose && component.isReady) yield checker.check(component);
    }
  }

  /** Returns the state of the application if it is not started, and otherwise those of components that are not ready. */
  #statesNotUp(): HealthCheck[] {
    const { state } = this.#application;
    if (state !== 'started') return [{ component: '', ...down(`the application is ${state}`) }];
    const found: HealthCheck[] = [];
    for (const component of this.#graph.components) {
      if (!component.isReady) found.push({ component: component.path, ...down(stateText(component.activity.state)) });
    }
    return found;
  }
}

function down(reason: string): Omit<HealthCheck, 'component'> {
  return { status: 'down', tookMs: 0, reason };
}

/** Describes the state of a component that is not ready. A stop has aborted one whose state is still `ready`. */
function stateText(state: ComponentState): string {
  if (state === 'failed') return 'the component has failed';
  return `the component is ${state === 'ready' ? 'stopping' : state}`;
}

function worstOf(checks: readonly HealthCheck[]): HealthStatus {
  if (checks.some(({ status }) => status === 'down')) return 'down';
  return checks.some(({ status }) => status === 'degraded') ? 'degraded' : 'up';
}
