/**
 * The life of a context: its state, abort signal, teardowns and open children. All transitions of the state happen
 * here, and every check of it. This file must not depend on contexts or resources.
 */
import { channel } from 'node:diagnostics_channel';
import { warnOfFailure } from '../errors/warn-of-failure.ts';
import type { Ending } from '../signal/scope.ts';
import { warnOfFailure as warnOfSubscriber, type SubscriberFailure } from '../signal/subscriber-failure.ts';
import { Cancellation } from './cancellation.ts';
import type { ContextState } from './context-options.ts';
import { actingIn } from './current.ts';
import { ContextIdError, ContextLeakError, ContextStateError, TeardownError, type TeardownFailure } from './errors.ts';
import type { Run } from './run.ts';
import { TeardownStack, type Unwinding } from './teardown.ts';

/** The resources of the context that closes. */
export interface ClosingResources {
  /** Whether a factory is running that `close()` must wait for. */
  readonly hasRunningFactories: boolean;
  /** Waits for the running factories; returns a failure for each that exceeded the limit. */
  settleFactories(limitMs: number | undefined): Promise<readonly TeardownFailure[]>;
  /** Called when the context has closed. */
  end(): void;
}

/** The number of names without an open child that a context keeps: deleting each at once costs 13 % of `request-context`. */
const mostUnusedNames = 64;

/** Tools subscribe to it. The constructor of the context sets its resources after the event. */
const opened = channel('asphalt:context');

export class Lifetime {
  /** Created lazily, because many contexts have no teardown. */
  #teardowns: TeardownStack | undefined;
  readonly #context: { readonly name: string };
  readonly #parent: Lifetime | undefined;
  /** Returns the component that the context belongs to, for messages; the runtime sets it. */
  declare describeOwner: (() => string) | undefined;
  /** Receives the warnings of this and all descendants; the application sets it. */
  declare onWarning: ((message: string) => void) | undefined;
  /** Receives the errors that this and all descendants report; an application and its handlers set it. */
  declare onReport: ((error: unknown) => void) | undefined;
  /** Receives the errors of subscribers of this and all descendants; the application sets it. */
  declare onSubscriberFailed: ((failure: SubscriberFailure) => void) | undefined;
  /** Whether an application receives the crashes of tasks. If not, they end the context. The application sets it. */
  isHosted: boolean;
  /** The call of `run` that closes the context; undefined in an application, and if the caller closes it. */
  declare run: Run | undefined;
  /** The calls of `run` in child contexts; undefined in an application. */
  declare runs: Set<Run> | undefined;
  /** The ids of this context alone. */
  declare ownIds: Record<string, string> | undefined;
  /** The number of contexts below this root that were asked for their ids. */
  declare lastNumber: number | undefined;
  #state: ContextState = 'open';
  #openChildren = 0;
  /**
   * The number of open children by name. It does not refer to the children, so that one that is never closed can be
   * garbage-collected.
   */
  #childNames: Map<string, number> | undefined;
  /** Whether the cancellation of the parent cancels this; not for a child opened while its parent closes. */
  readonly #followsParent: boolean;
  #cancellation: Cancellation | undefined;
  /** The error that was passed to `close()`. */
  #closedBy: unknown;
  /** The failures of the close in progress, or of one that a crash will cause. */
  #failures: TeardownFailure[] | undefined;

  constructor(context: { readonly name: string }, parent: Lifetime | undefined) {
    if (parent?.state === 'closed') throw new ContextStateError('open a child of', parent.name, 'closed');
    this.#context = context;
    this.#parent = parent;
    this.#followsParent = parent?.state === 'open';
    this.isHosted = parent?.isHosted ?? false;
    if (parent) parent.#countChild(context.name, 1);
    if (opened.hasSubscribers) opened.publish(context);
  }

  get name(): string {
    return this.#context.name;
  }

  get state(): ContextState {
    return this.#state;
  }

  get teardowns(): TeardownStack {
    return (this.#teardowns ??= new TeardownStack());
  }

  get #hasTeardowns(): boolean {
    return this.#teardowns !== undefined && !this.#teardowns.isEmpty;
  }

  #countChild(name: string, change: number): void {
    this.#openChildren += change;
    const names = (this.#childNames ??= new Map());
    names.set(name, (names.get(name) ?? 0) + change);
    if (names.size <= 2 * this.#openChildren + mostUnusedNames) return;
    for (const [each, count] of names) if (count === 0) names.delete(each);
  }

  /** The names of the open children, one for each. */
  #openNames(): string[] {
    return [...(this.#childNames ?? [])].flatMap(([name, count]) => new Array<string>(count).fill(name));
  }

  /** The ids of this context and those above it. A context gets its number when it is first asked, because few are. */
  get ids(): Readonly<Record<string, string>> {
    const parent = this.#parent;
    if (!parent) return { ...this.ownIds };
    if (this.ownIds?.['context'] === undefined) this.#addId('context', `${this.name}#${this.#nextNumber()}`);
    return { ...parent.ids, ...this.ownIds };
  }

  setId(kind: string, id: string): void {
    if (kind === '' || kind === 'context') throw new ContextIdError(kind);
    this.#addId(kind, id);
  }

  #addId(kind: string, id: string): void {
    (this.ownIds ??= {})[kind] = id;
  }

  #nextNumber(): number {
    if (this.#parent) return this.#parent.#nextNumber();
    this.lastNumber = (this.lastNumber ?? 0) + 1;
    return this.lastNumber;
  }

  mustNotBeClosed(operation: string): void {
    if (this.#state === 'closed') throw new ContextStateError(operation, this.name, 'closed', this.describeOwner?.());
  }

  mustBeOpen(operation: string): void {
    this.mustNotBeClosed(operation);
    if (this.#state === 'closing') throw new ContextStateError(operation, this.name, 'closing');
  }

  /** Warns of factories that may wait for each other: in the application's log, otherwise as a process warning. */
  warn(message: string): void {
    if (this.onWarning) this.onWarning(message);
    else if (this.#parent) this.#parent.warn(message);
    else process.emitWarning(message, { code: 'ASPHALT_FACTORY_PENDING' });
  }

  /** Reports the error of a subscriber of a signal. */
  subscriberFailed(failure: SubscriberFailure): void {
    if (this.onSubscriberFailed) this.onSubscriberFailed(failure);
    else if (this.#parent) this.#parent.subscriberFailed(failure);
    else warnOfSubscriber(failure.error);
  }

  /** Reports an error that no caller receives. */
  report(error: unknown): void {
    if (this.onReport) this.onReport(error);
    else if (this.#parent) this.#parent.report(error);
    else warnOfFailure(error);
  }

  get abortSignal(): AbortSignal {
    return this.#cancel.signal;
  }

  get isCancelled(): boolean {
    if (this.#cancellation) return this.#cancellation.isCancelled;
    return this.#followsParent && this.#state !== 'closed' && this.#parent!.isCancelled;
  }

  /** Aborts the signals of this and of all descendants. Does nothing after the end. */
  cancel(reason: unknown): void {
    if (this.#state !== 'closed') this.#cancel.cancel(reason ?? this.#abortError('was cancelled'));
  }

  /** Created lazily, because few contexts are asked for their signal. */
  get #cancel(): Cancellation {
    if (this.#cancellation) return this.#cancellation;
    const parent = this.#followsParent && this.#state !== 'closed' ? this.#parent : undefined;
    this.#cancellation = new Cancellation(parent && parent.#cancel);
    if (this.#state !== 'open') this.#abortForClose();
    return this.#cancellation;
  }

  #abortForClose(): void {
    this.#cancellation?.abort(this.#closedBy ?? this.#abortError('is closing'));
  }

  #abortError(why: string): DOMException {
    return new DOMException(`Context "${this.name}" ${why}`, 'AbortError');
  }

  /** Waits for running factories and runs all teardowns; see `Context.close`. */
  async close(resources: ClosingResources, error: unknown, limitMs: number | undefined): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#state === 'closing') throw new ContextStateError('close', this.name, 'closing');
    this.#state = 'closing';
    this.#closedBy = error;
    this.#abortForClose();
    const failures = this.collectFailures();
    while (this.#hasTeardowns || resources.hasRunningFactories) {
      if (resources.hasRunningFactories) failures.push(...(await resources.settleFactories(limitMs)));
      await this.#unwind({ endedBy: error, failures, limitMs });
    }
    if (this.#openChildren > 0) failures.push({ error: new ContextLeakError(this.name, this.#openNames()) });
    this.#leave(resources);
    this.#failures = undefined;
    if (failures.length > 0) throw new TeardownError(this.name, failures, error);
  }

  /** Returns the list of failures that the next close throws. */
  collectFailures(): TeardownFailure[] {
    return (this.#failures ??= []);
  }

  /** Adds a failure to the close in progress; returns whether there is one. */
  addFailure(error: unknown): boolean {
    this.#failures?.push({ error });
    return this.#failures !== undefined;
  }

  /** Closes synchronously if there is nothing to run or await; returns whether it did. */
  closeAtOnce(resources: ClosingResources): boolean {
    if (this.#state !== 'open' || this.#hasTeardowns) return false;
    if (resources.hasRunningFactories || this.#openChildren > 0) return false;
    this.#abortForClose();
    this.#leave(resources);
    return true;
  }

  /** Ends without teardowns, whatever is still running. */
  abandon(resources: ClosingResources): void {
    this.#state = 'closed';
    resources.end();
  }

  #leave(resources: ClosingResources): void {
    if (this.#parent) this.#parent.#countChild(this.name, -1);
    this.#cancellation?.detach();
    this.abandon(resources);
  }

  /** Runs the teardowns that were added since `mark`; returns their failures. */
  async unwindTo(mark: number, endedBy: unknown): Promise<readonly TeardownFailure[]> {
    const failures: TeardownFailure[] = [];
    await this.#unwind({ endedBy, failures, mark });
    return failures;
  }

  /** Tears down the value of a factory that finished after the end, then throws. */
  async undoLate(): Promise<never> {
    const failures: TeardownFailure[] = [];
    const closed = new ContextStateError('look up a resource in', this.name, 'closed');
    await this.#unwind({ endedBy: closed, failures });
    throw failures.length === 0 ? closed : new TeardownError(this.name, failures, closed);
  }

  #unwind(unwinding: Unwinding): Promise<void> {
    return actingIn(this.#context, (stack) => stack.unwind(unwinding), this.teardowns);
  }

  /** Completes a subscription at the end. */
  own(subscription: Ending): void {
    if (this.#state === 'closed') {
      subscription.complete();
      return;
    }
    const teardown = this.teardowns.add('a subscription', () => subscription.complete());
    subscription.add(() => this.teardowns.remove(teardown));
  }

  /** Calls a function at the end; returns one that removes it, or undefined if the end was reached before. */
  untilEnd(end: () => void): (() => void) | undefined {
    if (this.#state === 'closed') return undefined;
    const teardown = this.teardowns.add('until()', end);
    return () => this.teardowns.remove(teardown);
  }
}
