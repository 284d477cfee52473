/**
 * Stops, starts and restarts single components while the rest of the application runs. Operations run one at a time.
 * Each acts on a component, its descendants and everything that depends on them. It must not start or stop components
 * itself; `RunningGraph` does.
 */
import { logLevels, type LogLevel } from '../config/logging-setting.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import { ApplicationStateError, ComponentStoppedError, LogLevelError, UnknownComponentError } from './errors.ts';
import {
  ComponentDownError,
  StartCancelledError,
  StartError,
  StopError,
  type StopFailure,
} from './start-stop-errors.ts';
import type { ApplicationState } from './lifecycle.ts';
import type { Subgraph, RunningGraph } from './running-graph.ts';
import type { Runtime } from './runtime.ts';

export class ComponentOperations {
  readonly #application: { readonly state: ApplicationState };
  readonly #runtime: Runtime;
  readonly #graph: RunningGraph;
  /** The components that an operation stopped, or failed to start. Their dependents do not run either. */
  readonly #held = new Set<number>();
  #operation: Promise<void> | undefined;
  /** The latest failure that `onError` or the logger received. */
  #received: unknown;

  /** @param application - an operation runs only while its state is `started` */
  constructor(application: { readonly state: ApplicationState }, runtime: Runtime, graph: RunningGraph) {
    this.#application = application;
    this.#runtime = runtime;
    this.#graph = graph;
  }

  /** Resolves when all requested operations are done; `undefined` if none is pending. */
  get pending(): Promise<void> | undefined {
    return this.#operation;
  }

  restart(path: string): Promise<void> {
    return this.#inTurn('restart', path, async (index) => {
      const subgraph = this.#graph.withDependents([index]);
      try {
        await this.#stop(subgraph, index);
      } catch (error) {
        // A failing teardown does not prevent the start.
        this.#runtime.report(error);
      }
      await this.#start(subgraph, index);
    });
  }

  stop(path: string): Promise<void> {
    return this.#inTurn('stop', path, async (index) => {
      this.#held.add(index);
      try {
        await this.#stop(this.#graph.withDependents([index]), index);
      } catch (error) {
        this.#report(error, error);
        throw error;
      }
    });
  }

  start(path: string): Promise<void> {
    return this.#inTurn('start', path, (index) => this.#start(this.#graph.withDependents([index]), index));
  }

  setLogLevel(path: string, level: LogLevel): void {
    if (!logLevels.includes(level)) throw new LogLevelError(level, logLevels);
    const { path: own } = this.#componentAt(this.#withoutApplication(path));
    const { logger } = this.#runtime;
    const changed = own === '' ? logger : logger.child(own);
    if (!changed.setLevel) throw new LogLevelError(level);
    changed.setLevel(level);
  }

  /** Runs an action for one component after all operations requested before. */
  #inTurn(operation: keyof typeof pastOf, path: string, action: (index: number) => Promise<void>): Promise<void> {
    const perform = async (): Promise<void> => {
      const node = this.#componentAt(path);
      const { state } = this.#application;
      if (state !== 'started') throw new ApplicationStateError(state, { operation, node });
      await action(node.index);
      const others = withOthers(this.#graph.withDependents([node.index]).length - 1);
      this.#runtime.logger.info(`${pastOf[operation]} ${componentText(node)}${others}`);
    };
    const performed = this.#operation ? this.#operation.then(perform) : perform();
    // The caller's own promise. If the caller does not await it, a failure without a receiver is an unhandled rejection.
    const done = performed.then();
    const over = performed
      .catch((error: unknown) => {
        if (error === this.#received || this.#isEnding) done.catch(() => undefined);
      })
      .then(() => {
        if (this.#operation === over) this.#operation = undefined;
      });
    this.#operation = over;
    return done;
  }

  get #isEnding(): boolean {
    const { state } = this.#application;
    return state === 'stopping' || state === 'stopped';
  }

  /** Reports a failure, unless no receiver exists except the caller, or the application's end caused it. */
  #report(report: unknown, failure: unknown): void {
    if (!this.#runtime.canReport || this.#isEnding) return;
    this.#received = failure;
    this.#runtime.report(report);
  }

  /** As in `logging.levels`, `asphalt` is the application and may precede the path of a component. */
  #withoutApplication(path: string): string {
    // Code without types may pass another value, which names no component.
    const isPath = typeof path === 'string' && !this.#runtime.plan.components.some(({ node }) => node.path === path);
    if (!isPath) return path;
    return path === 'asphalt' ? '' : path.replace(/^asphalt\./, '');
  }

  #componentAt(path: string): ComponentNode {
    const nodes = this.#runtime.plan.components.map(({ node }) => node);
    const found = nodes.find((node) => node.path === path);
    if (!found) {
      throw new UnknownComponentError(
        path,
        nodes.map((node) => node.path),
      );
    }
    return found;
  }

  async #stop(subgraph: Subgraph, index: number): Promise<void> {
    const subject = this.#subjectOf(index);
    const failures = await this.#undo(subgraph, subject, undefined);
    if (failures.length > 0) throw new StopError(failures, undefined, subject);
  }

  #undo(subgraph: Subgraph, subject: string, endedBy: unknown): Promise<readonly StopFailure[]> {
    return this.#graph.stop(subgraph, { subject, endedBy, endsApplication: false });
  }

  async #start(subgraph: Subgraph, index: number): Promise<void> {
    this.#held.delete(index);
    const down = new Set(this.#graph.withDependents(this.#held));
    if (down.has(index))
      throw new ComponentStoppedError(this.#runtime.plan.components[index]!.node, this.#heldBefore(index));
    const stopped = subgraph.filter((each) => !down.has(each) && !this.#graph.runs(each));
    const subject = this.#subjectOf(index);
    // The application may have been asked to stop while these components stopped.
    if (this.#application.state !== 'started') throw new StartCancelledError(undefined, subject);
    const failures = await this.#graph.start(stopped, subject);
    if (failures.length === 0) return;
    this.#held.add(index);
    const undone = await this.#undo(stopped, subject, failures[0]);
    const all = undone.length > 0 ? [...failures, new StopError(undone, failures[0], subject)] : failures;
    const failure = all.length === 1 ? all[0] : new StartError(all, subject);
    const { components } = this.#runtime.plan;
    const others = stopped.filter((each) => each !== index).map((each) => components[each]!.node.path);
    this.#report(new ComponentDownError(components[index]!.node, others, failure), failure);
    throw failure;
  }

  /** Returns the paths of the components in `#held` that the given component depends on. */
  #heldBefore(index: number): string[] {
    return [...this.#held]
      .filter((held) => this.#graph.withDependents([held]).includes(index))
      .map((held) => this.#runtime.plan.components[held]!.node.path);
  }

  #subjectOf(index: number): string {
    return componentText(this.#runtime.plan.components[index]!.node);
  }
}

/** The operations, and their names in log lines. */
const pastOf = { restart: 'Restarted', stop: 'Stopped', start: 'Started' } as const;

function withOthers(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' and 1 other component' : ` and ${count} other components`;
}
