/**
 * The context of an application, and the same as one component sees it. Everything is published in and looked up from
 * the application's context; what must be torn down is kept with the component, so that it can be stopped by itself.
 */
import type { Container } from 'inversify';
import { makeContainer } from '../context/container.ts';
import { Context } from '../context/context.ts';
import type { FactoryOptions, Made, ResourceAdded, ResourceOptions } from '../context/context-options.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { Ids } from '../context/published-resources.ts';
import type { Signal, SubscriberFailure } from '../signal/signal.ts';
import type { SubscriptionOwner } from '../signal/owned.ts';
import { ContextStateError } from '../context/errors.ts';
import { SubscriberError } from './errors.ts';

/** What the application does for the contexts of its components. */
export interface ComponentContextHost {
  readonly context: Context;
  /** The component, for messages. */
  describe(): string;
  /** Ends what the component's factories subscribe to. */
  readonly subscriptions: SubscriptionOwner;
  /** The name that replaces the default one in what the component publishes now. */
  nameNow(): string;
  /** Waits for a key while the application starts; undefined when there is nothing to wait for any more. */
  waitFor(id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined;
  /** Hears of what the component publishes by hand. */
  published(ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void;
  /** Hears of what the component looks up by hand. */
  looksUp(id: ServiceIdentifier<unknown>, name: string): void;
  /** Hears of what it has, or need not wait for any more. */
  found(id: ServiceIdentifier<unknown>, name: string): void;
  /** Says whose the signals of a published value are; gives what completes them. */
  readonly adopt: (value: unknown, key: Key) => (() => void) | undefined;
  crashed(error: unknown): void;
}

/**
 * A task that fails in it, or in a context below it, ends the application; a subscriber that fails there is reported.
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

/** What a component has published by hand. */
interface Publication {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  /** What it is withdrawn by. */
  readonly what: object;
}

export class ComponentContext extends Context {
  readonly #host: ComponentContextHost;
  readonly #published = new Set<Publication>();
  #container: Container | undefined;

  constructor(host: ComponentContextHost, name: string) {
    // A component whose application has stopped can still ask for its context, which then is closed as well.
    super(name, host.context.state === 'closed' ? undefined : host.context);
    this.#host = host;
  }

  /** Closes it although teardowns may hang; nothing that the component published can be found after that. */
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
    // The last one is undone first.
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

  /** While the application starts, this waits until somebody publishes the key. */
  override async getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
    this.mustNotBeClosed('look up a resource in');
    const { context } = this.#host;
    while (context.lookup(id, name) === undefined) {
      const published = this.#host.waitFor(id, name);
      if (!published) break;
      await published;
    }
    this.#host.looksUp(id, name);
    this.#host.found(id, name);
    return context.getResource(id, name);
  }

  override lookup(id: ServiceIdentifier<unknown>, name: string, when?: 'at once'): unknown {
    this.mustNotBeClosed('look up a resource in');
    this.#host.looksUp(id, name);
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
