/**
 * The context of an application, and each component's view of it. A component's context publishes to and looks up from
 * the application's context, but owns its own teardowns. A component can therefore be stopped by itself.
 */
import type { Container } from 'inversify';
import { makeContainer } from '../context/container.ts';
import { Context } from '../context/context.ts';
import type { FactoryOptions, Made, ResourceAdded, ResourceOptions } from '../context/context-options.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { Ids } from '../context/check-key.ts';
import type { Signal, SubscriberFailure } from '../signal/signal.ts';
import type { SubscriptionOwner } from '../signal/scope.ts';
import { ContextStateError } from '../context/errors.ts';
import { SubscriberError } from './errors.ts';

/** The operations that a component's context needs from the application. */
export interface ComponentContextHost {
  readonly context: Context;
  /** Describes the component in messages. */
  describe(): string;
  /** Owns the subscriptions that the component's factories make. */
  readonly subscriptions: SubscriptionOwner;
  /** Returns the name under which the component publishes now if it specifies none. */
  nameNow(): string;
  /** Waits for a key while the application starts; returns `undefined` once lookups no longer wait. */
  waitFor(id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined;
  /** Called when the component publishes keys explicitly. */
  published(ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void;
  /** Called when the component looks up a key dynamically. */
  onLookup(id: ServiceIdentifier<unknown>, name: string): void;
  /** Called when a dynamic lookup has its resource or no longer waits for it. */
  onResolved(id: ServiceIdentifier<unknown>, name: string): void;
  /** Assigns the signals of a published value to their owner; returns a function that completes them. */
  readonly adopt: (value: unknown, key: Key) => (() => void) | undefined;
  crashed(error: unknown): void;
}

/**
 * The context of an application. A failing task in it or in a descendant ends the application; a failing subscriber is
 * only reported.
 */
export class ApplicationContext extends Context {
  readonly #crashed: (error: unknown) => void;
  readonly #report: (error: unknown) => void;

  constructor(name: string, crashed: (error: unknown) => void, report: (error: unknown) => void) {
    super(name);
    this.#crashed = crashed;
    this.#report = report;
  }

  protected override taskCrashed(error: unknown): void {
    this.#crashed(error);
  }

  protected override subscriberFailed(failure: SubscriberFailure): void {
    this.#report(new SubscriberError(failure));
  }
}

/** A resource or factory that a component published explicitly. */
interface Publication {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  /** Identifies the publication when it is withdrawn. */
  readonly what: object;
}

export class ComponentContext extends Context {
  readonly #host: ComponentContextHost;
  readonly #published = new Set<Publication>();
  #container: Container | undefined;

  constructor(host: ComponentContextHost, name: string) {
    // A component can access its context after the application has stopped. The context is then closed, too.
    super(name, host.context.state === 'closed' ? undefined : host.context);
    this.#host = host;
  }

  /** Closes the context even if teardowns hang, and withdraws everything that the component published explicitly. */
  abandon(): void {
    for (const publication of this.#published) this.#withdraw(publication);
    if (!this.closeAtOnce()) this.enterState('closed');
  }

  override get resourceAdded(): Signal<ResourceAdded> {
    return this.state === 'closed' ? super.resourceAdded : this.#host.context.resourceAdded;
  }

  override get container(): Container {
    this.mustNotBeClosed('use the container of');
    return (this.#container ??= makeContainer(this, (subscription) =>
      this.onTeardown(() => subscription.unsubscribe()),
    ));
  }

  override child(name?: string): Context {
    this.mustNotBeClosed('open a child of');
    return this.#host.context.child(name);
  }

  override addResource<T>(ids: Ids<T>, value: T, { name, dispose }: ResourceOptions<T> = {}): void {
    this.mustNotBeClosed('add a resource to');
    const published = name ?? this.#host.nameNow();
    const { context, adopt } = this.#host;
    const what = {};
    context.publish(ids, value, published, undefined, what);
    const list = asList(ids);
    this.#host.published(list, published);
    const label = identifierName(list[0]!);
    // Teardowns run in reverse: removal, signals, dispose.
    if (dispose) this.addTeardown(`dispose of ${label}`, (error) => dispose(value, error));
    const complete = adopt(value, { id: list[0]!, name: published });
    if (complete) this.addTeardown(`signals of ${label}`, complete);
    this.#withdrawOnTeardown({ ids: list, name: published, what });
  }

  override addResourceFactory<T>(
    ids: Ids<T>,
    make: (context: Context) => Made<T>,
    { name, dispose }: FactoryOptions<T> = {},
  ): void {
    this.mustBeOpen('add a factory to');
    const published = name ?? this.#host.nameNow();
    const { context, subscriptions } = this.#host;
    const what = context.publishFactory(ids, make, { name: published, dispose }, subscriptions);
    const list = asList(ids);
    this.#host.published(list, published);
    this.#withdrawOnTeardown({ ids: list, name: published, what });
  }

  #withdrawOnTeardown(publication: Publication): void {
    this.#published.add(publication);
    this.addTeardown(`removal of ${identifierName(publication.ids[0]!)}`, () => this.#withdraw(publication));
  }

  #withdraw(publication: Publication): void {
    const { ids, name, what } = publication;
    this.#published.delete(publication);
    this.#host.context.withdraw(ids, name, what, this.#host.describe());
  }

  /** Waits until the key is published while the application starts. */
  override async getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
    this.mustNotBeClosed('look up a resource in');
    const { context } = this.#host;
    while (context.lookup(id, name) === undefined) {
      const published = this.#host.waitFor(id, name);
      if (!published) break;
      await published;
    }
    this.#host.onLookup(id, name);
    this.#host.onResolved(id, name);
    return context.getResource(id, name);
  }

  override lookup(id: ServiceIdentifier<unknown>, name: string, when?: 'at once'): unknown {
    this.mustNotBeClosed('look up a resource in');
    this.#host.onLookup(id, name);
    return this.#host.context.lookup(id, name, when);
  }

  override keys(): Iterable<Key> {
    return this.#host.context.keys();
  }

  override knownKeys(): Iterable<Key> {
    return this.#host.context.knownKeys();
  }

  override getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    this.mustNotBeClosed('look up resources in');
    return this.#host.context.getResources(id);
  }

  protected override stateError(operation: string, state: 'closing' | 'closed'): ContextStateError {
    return new ContextStateError(operation, this.name, state, state === 'closed' ? this.#host.describe() : undefined);
  }

  protected override taskCrashed(error: unknown): void {
    this.#host.crashed(error);
  }
}

function asList<T>(ids: Ids<T>): ReadonlyArray<ServiceIdentifier<T>> {
  return (Array.isArray(ids) ? ids : [ids]) as ReadonlyArray<ServiceIdentifier<T>>;
}
