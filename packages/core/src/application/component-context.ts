/**
 * The application's context as one component sees it. Everything is published in and looked up from the application's
 * context; what must be torn down is kept here, so that a component can be stopped by itself.
 */
import { Context, type FactoryOptions, type Made, type ResourceOptions } from '../context/context.ts';
import { defaultName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { Signal } from '../signal/signal.ts';
import type { ResourceAdded } from '../context/context.ts';

/** What the application does for the contexts of its components. */
export interface ComponentHost {
  readonly context: Context;
  /** The name that replaces the default one in what the component publishes now. */
  nameNow(): string;
  /** Waits for a key while the application starts; undefined when there is nothing to wait for any more. */
  waitFor(id: ServiceIdentifier<unknown>, name: string): Promise<void> | undefined;
  /** Says whose the signals of a published value are; gives what completes them. */
  adopt(value: unknown, id: ServiceIdentifier<unknown>): (() => void) | undefined;
  crashed(error: unknown): void;
}

type Ids<T> = Parameters<typeof Context.prototype.addResource<T>>[0];

export class ComponentContext extends Context {
  readonly #host: ComponentHost;

  constructor(host: ComponentHost, name: string) {
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
    this.#host.context.addResource(ids, value, { name: published });
    const list = asList(ids);
    const complete = this.#host.adopt(value, list[0]!);
    this.addTeardown(list[0]!.name, async (error) => {
      complete?.();
      await dispose?.(value, error);
      this.#host.context.removeResource(list, published);
    });
  }

  override addResourceFactory<T>(ids: Ids<T>, make: (context: Context) => Made<T>, { name }: FactoryOptions = {}): void {
    const published = name ?? this.#host.nameNow();
    this.#host.context.addResourceFactory(ids, make, { name: published });
    this.addTeardown(asList(ids)[0]!.name, () => this.#host.context.removeResource(asList(ids), published));
  }

  /** While the application starts, this waits until somebody publishes the key. */
  override async getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
    const { context } = this.#host;
    while (context.lookup(id, name) === undefined) {
      const published = this.#host.waitFor(id, name);
      if (!published) break;
      await published;
    }
    return context.getResource(id, name);
  }

  override lookup(id: ServiceIdentifier<unknown>, name: string): unknown {
    return this.#host.context.lookup(id, name);
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
