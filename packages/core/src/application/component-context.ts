/**
 * The context of an application, and each component's view of it. A component's context publishes to and looks up from
 * the application's context, but owns its own teardowns. A component can therefore be stopped by itself.
 */
import { Context } from '../context/context.ts';
import type { FactoryOptions, Made, ResourceAdded, ResourceOptions } from '../context/context-options.ts';
import { Pending } from '../context/factory-cache.ts';
import type { PlannedProvider } from '../context/resource-errors.ts';
import { defaultName, identifierName, nameOf, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { Ids } from '../context/check-key.ts';
import type { Signal } from '../signal/signal.ts';
import { componentName, componentText } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';
import { isProvidedByContext } from '../graph/resolve-needs.ts';
import type { SubscriptionOwner } from '../signal/scope.ts';
import type { ComponentActivity } from './component-activity.ts';
import { SubscriberError } from './errors.ts';
import { adoptSignals } from './publication.ts';
import type { Runtime } from './runtime.ts';

/**
 * The context of an application. A failing task in it or in a descendant ends the application; a failing subscriber is
 * only reported.
 */
export class ApplicationContext extends Context {
  readonly #runtime: Pick<Runtime, 'crashed' | 'report'>;

  constructor(name: string, runtime: Pick<Runtime, 'crashed' | 'report' | 'canReport' | 'logger' | 'plan'>) {
    super(name);
    this.lifetime.isHosted = true;
    this.lifetime.onReport = (error) => runtime.report(error);
    this.lifetime.onSubscriberFailed = (failure) => runtime.report(new SubscriberError(failure));
    if (runtime.canReport) this.lifetime.onWarning = (message) => runtime.logger.warn(message);
    this.resources.plannedProvider = (key) => plannedProvider(runtime.plan, key);
    this.#runtime = runtime;
  }

  protected override taskCrashed(error: unknown): void {
    this.#runtime.crashed(error);
  }
}

/** Returns the component that declares to provide a key. */
function plannedProvider({ providers }: Plan, { id, name }: Key): PlannedProvider | undefined {
  const provider = providers.find((each) => each.name === name && each.ids.includes(id));
  return provider && { component: componentText(provider.node), onlyInItsContexts: isProvidedByContext(provider) };
}

/** A resource or factory that a component published explicitly. */
interface Publication {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  /** Identifies the publication when it is withdrawn. */
  readonly what: object;
}

export class ComponentContext extends Context {
  readonly #runtime: Runtime;
  readonly #activity: ComponentActivity;
  readonly #subscriptions: SubscriptionOwner;
  readonly #published = new Set<Publication>();

  /** @param subscriptions - owns the subscriptions that the component's factories create */
  constructor(runtime: Runtime, activity: ComponentActivity, subscriptions: SubscriptionOwner) {
    const { context } = runtime;
    // A component can access its context after the application has stopped. The context is then closed, too.
    super(componentName(activity.node), context.state === 'closed' ? undefined : context);
    this.lifetime.describeOwner = () => componentText(activity.node);
    this.#runtime = runtime;
    this.#activity = activity;
    this.#subscriptions = subscriptions;
  }

  /** Closes the context even if teardowns hang, and withdraws everything that the component published explicitly. */
  abandon(): void {
    for (const publication of this.#published) this.#withdraw(publication);
    if (!this.closeAtOnce()) this.lifetime.abandon(this.resources);
  }

  override get resourceAdded(): Signal<ResourceAdded> {
    return this.state === 'closed' ? super.resourceAdded : this.#runtime.context.resourceAdded;
  }

  /** Log lines of a component contain its path. */
  override get ids(): Readonly<Record<string, string>> {
    return this.#runtime.context.ids;
  }

  override child(name?: string): Context {
    this.lifetime.mustNotBeClosed('open a child of');
    return this.#runtime.context.child(name);
  }

  override addResource<T>(ids: Ids<T>, value: T, { name, dispose }: ResourceOptions<T> = {}): void {
    this.lifetime.mustNotBeClosed('add a resource to');
    const { context, lookups } = this.#runtime;
    const published = name ?? this.#activity.resourceName;
    const what = {};
    context.resources.publish(ids, value, published, undefined, what);
    const list = asList(ids);
    lookups.published(this.#activity, list, published);
    const label = identifierName(list[0]!);
    // Teardowns run in reverse: removal, signals, dispose.
    if (dispose) this.lifetime.teardowns.add(`dispose of ${label}`, (error) => dispose(value, error));
    const complete = adoptSignals(value, { id: list[0]!, name: published }, this.#runtime);
    if (complete) this.lifetime.teardowns.add(`signals of ${label}`, complete);
    this.#withdrawOnTeardown({ ids: list, name: published, what });
  }

  override addResourceFactory<T>(
    ids: Ids<T>,
    make: (context: Context) => Made<T>,
    { name, dispose }: FactoryOptions<T> = {},
  ): void {
    this.lifetime.mustBeOpen('add a factory to');
    const { context, lookups } = this.#runtime;
    const published = name ?? this.#activity.resourceName;
    const what = context.resources.publishFactory(ids, make, { name: published, dispose }, this.#subscriptions);
    const list = asList(ids);
    lookups.published(this.#activity, list, published);
    this.#withdrawOnTeardown({ ids: list, name: published, what });
  }

  #withdrawOnTeardown(publication: Publication): void {
    this.#published.add(publication);
    this.lifetime.teardowns.add(`removal of ${identifierName(publication.ids[0]!)}`, () => this.#withdraw(publication));
  }

  #withdraw(publication: Publication): void {
    const { ids, name, what } = publication;
    this.#published.delete(publication);
    this.#runtime.context.resources.withdraw(ids, name, what, componentText(this.#activity.node));
  }

  /**
   * Waits until the key is published while the application starts. An optional lookup waits only if a component declares
   * to provide the key.
   */
  override getResource<T>(id: ServiceIdentifier<T>, name?: string): Promise<T>;
  override getResource<T>(id: ServiceIdentifier<T>, options: { optional: true; name?: string }): Promise<T | undefined>;
  override async getResource<T>(
    id: ServiceIdentifier<T>,
    how: string | { optional: true; name?: string } = defaultName,
  ): Promise<T | undefined> {
    this.lifetime.mustNotBeClosed('look up a resource in');
    const { context, lookups } = this.#runtime;
    const name = nameOf(how);
    const waits =
      typeof how === 'string' || context.resources.plannedProvider?.({ id, name })?.onlyInItsContexts === false;
    let found = context.lookup(id, name);
    while (found === undefined) {
      const published = waits ? lookups.waitFor(this.#activity, id, name) : undefined;
      if (!published) break;
      await published;
      found = context.lookup(id, name);
    }
    if (found !== undefined) {
      lookups.resolved(this.#activity, id, name);
      return (found instanceof Pending ? found.promise : found) as Promise<T> | T;
    }
    lookups.lookedUp(this.#activity, id, name);
    return typeof how === 'string' ? context.getResource(id, name) : context.getResource(id, how);
  }

  override lookup(id: ServiceIdentifier<unknown>, name: string, when?: 'at once'): unknown {
    this.lifetime.mustNotBeClosed('look up a resource in');
    this.#runtime.lookups.lookedUp(this.#activity, id, name);
    return this.#runtime.context.lookup(id, name, when);
  }

  override progress(text: string | undefined): void {
    this.#activity.report(text);
  }

  override keys(): Iterable<Key> {
    return this.#runtime.context.keys();
  }

  override knownKeys(): Iterable<Key> {
    this.lifetime.mustNotBeClosed('use the container of');
    return this.#runtime.context.knownKeys();
  }

  override getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    this.lifetime.mustNotBeClosed('look up resources in');
    return this.#runtime.context.getResources(id);
  }

  protected override taskCrashed(error: unknown): void {
    this.#runtime.crashed(error, this.#activity.node);
  }
}

function asList<T>(ids: Ids<T>): ReadonlyArray<ServiceIdentifier<T>> {
  return (Array.isArray(ids) ? ids : [ids]) as ReadonlyArray<ServiceIdentifier<T>>;
}
