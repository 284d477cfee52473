/**
 * The context of an application, and the same as one component sees it. Everything is published in and looked up from
 * the application's context; what must be torn down is kept with the component, so that it can be stopped by itself.
 */
import { Context } from '../context/context.ts';
import type { FactoryOptions, Made, ResourceAdded, ResourceOptions } from '../context/context-options.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { Ids } from '../context/published-resources.ts';
import type { Signal, SubscriberFailure } from '../signal/signal.ts';
import { SubscriberError } from './errors.ts';

/** What the application does for the contexts of its components. */
export interface ComponentContextHost {
  readonly context: Context;
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

export class ComponentContext extends Context {
  readonly #host: ComponentContextHost;

  constructor(host: ComponentContextHost, name: string) {
    super(name, host.context);
    this.#host = host;
  }

  override get resourceAdded(): Signal<ResourceAdded> {
    return this.#host.context.resourceAdded;
  }

  override child(name?: string): Context {
    return this.#host.context.child(name);
  }

  override addResource<T>(ids: Ids<T>, value: T, { name, dispose }: ResourceOptions<T> = {}): void {
    const published = name ?? this.#host.nameNow();
    const { context, adopt } = this.#host;
    context.publish(ids, value, published);
    const list = asList(ids);
    this.#host.published(list, published);
    const label = identifierName(list[0]!);
    // What is undone first stands last.
    this.addTeardown(`removal of ${label}`, () => context.removeResource(list, published));
    if (dispose) this.addTeardown(`dispose of ${label}`, (error) => dispose(value, error));
    const complete = adopt(value, { id: list[0]!, name: published });
    if (complete) this.addTeardown(`signals of ${label}`, complete);
  }

  override addResourceFactory<T>(
    ids: Ids<T>,
    make: (context: Context) => Made<T>,
    { name, dispose }: FactoryOptions<T> = {},
  ): void {
    const published = name ?? this.#host.nameNow();
    const { context } = this.#host;
    context.addResourceFactory(ids, make, { name: published, dispose });
    const list = asList(ids);
    this.#host.published(list, published);
    this.addTeardown(`removal of ${identifierName(list[0]!)}`, () => context.removeResourceFactory(list, published));
  }

  /** While the application starts, this waits until somebody publishes the key. */
  override async getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
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
    this.#host.looksUp(id, name);
    return this.#host.context.lookup(id, name, when);
  }

  override keys(): Iterable<Key> {
    return this.#host.context.keys();
  }

  override getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    return this.#host.context.getResources(id);
  }

  protected override taskCrashed(error: unknown): void {
    this.#host.crashed(error);
  }
}

function asList<T>(ids: Ids<T>): ReadonlyArray<ServiceIdentifier<T>> {
  return (Array.isArray(ids) ? ids : [ids]) as ReadonlyArray<ServiceIdentifier<T>>;
}
