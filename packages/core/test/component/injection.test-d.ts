/** Type tests of injection. Each `@ts-expect-error` fails the type check if the error is missing. */
import { injectable, inject as inversifyInject, LazyServiceIdentifier as InversifyLazy } from 'inversify';
import type { Observable } from 'rxjs';
import {
  child,
  component,
  Component,
  defineConfig,
  inject,
  injectAll,
  LazyServiceIdentifier,
  lookups,
  on,
  onAll,
  provides,
  Signal,
  task,
  token,
  type Deferred,
} from '@asphalt/core';

class Mailer {
  readonly address = 'a';
}
class BulkMailer extends Mailer {
  readonly batch = 10;
}
abstract class Store {
  abstract get(key: string): string;
}
class PrivateStore {
  readonly open = true;
  private constructor() {}
  static make(): PrivateStore {
    return new PrivateStore();
  }
}
const Clock = token<() => number>('Clock');
class Feed {
  readonly changed = new Signal<{ url: string }>();
}

const options = defineConfig({ size: { doc: 'Size', format: 'int', default: 1 } });
const otherOptions = defineConfig({ size: { doc: 'Size', format: 'string', default: 'x' } });

export class Properties extends Component {
  @inject(Mailer) readonly mailer!: Mailer;
  @inject(BulkMailer) readonly base!: Mailer;
  @inject(Store) readonly store!: Store;
  @inject(PrivateStore) readonly private!: PrivateStore;
  @inject(Clock) readonly clock!: () => number;
  @inject(Mailer, 'bulk') readonly named!: Mailer;
  @inject(Mailer, { optional: true }) readonly optional: Mailer | undefined;
  @inject(Mailer, { deferred: true }) readonly deferred!: Deferred<Mailer>;
  @inject(Mailer, { deferred: true, optional: true }) readonly both!: Deferred<Mailer | undefined>;
  @injectAll(Mailer) readonly all!: ReadonlyMap<string, Mailer>;

  // @ts-expect-error -- a Mailer is not a Store
  @inject(Mailer) readonly wrong!: Store;
  // @ts-expect-error -- a Mailer may not be a BulkMailer
  @inject(Mailer) readonly narrower!: BulkMailer;
  // @ts-expect-error -- an optional need may be undefined
  @inject(Mailer, { optional: true }) readonly mayBeMissing!: Mailer;
  // @ts-expect-error -- a deferred need is a Deferred
  @inject(Mailer, { deferred: true }) readonly notDeferred!: Mailer;
  // @ts-expect-error -- @injectAll injects a map
  @injectAll(Mailer) readonly notMap!: Mailer[];
  // @ts-expect-error -- the token's type is a function
  @inject(Clock) readonly notClock!: number;
}

export class GoodConstructor extends Component {
  constructor(
    @inject(Mailer) readonly mailer: Mailer,
    @inject(Clock) readonly clock: () => number,
    @inject(Store, { optional: true }) readonly store?: Store,
  ) {
    super();
  }
}

export class BadConstructor extends Component {
  constructor(
    // @ts-expect-error -- the first parameter is a Store
    @inject(Mailer) readonly store: Store,
    @inject(Mailer) readonly mailer: Mailer,
    // @ts-expect-error -- the third parameter cannot be undefined
    @inject(Mailer, { optional: true }) readonly other: Mailer,
  ) {
    super();
  }
}

export class Methods extends Component {
  @provides(Mailer)
  plain(): Mailer {
    return new BulkMailer();
  }
  @provides(Mailer, { name: 'bulk', dispose: (mailer) => void mailer.address })
  async promised(@inject(Store) _store: Store): Promise<BulkMailer> {
    return new BulkMailer();
  }
  @provides(Mailer, { scope: 'context' })
  *generated(): Generator<Mailer> {
    yield new Mailer();
  }
  @provides(Mailer, BulkMailer)
  async *asyncGenerated(): AsyncGenerator<BulkMailer> {
    yield new BulkMailer();
  }
  @provides(Clock)
  clock(): () => number {
    return () => 1;
  }

  // @ts-expect-error -- returns a Store
  @provides(Mailer)
  gives(): { readonly get: 1 } {
    return { get: 1 };
  }
  // @ts-expect-error -- may return undefined
  @provides(Mailer)
  nothing(): Mailer | undefined {
    return undefined;
  }
  // @ts-expect-error -- promises something else
  @provides(Mailer)
  async promises(): Promise<string> {
    return '';
  }
  // @ts-expect-error -- yields something else
  @provides(Mailer)
  async *yields(): AsyncGenerator<string> {
    yield '';
  }
  // @ts-expect-error -- a Mailer may not be a BulkMailer, which is also provided
  @provides(Mailer, BulkMailer)
  both(): Mailer {
    return new Mailer();
  }

  @provides(Store)
  // @ts-expect-error -- the parameter is not a Mailer
  parameter(@inject(Mailer) _store: Store): Store {
    throw new Error('never');
  }

  @task()
  async poll(@inject(Mailer) _mailer: Mailer, _abort: AbortSignal): Promise<void> {}
}

export class Handlers extends Component {
  @on(Feed, (feed) => feed.changed)
  async changed(_event: { url: string }, @inject(Mailer) _mailer: Mailer): Promise<void> {}

  @onAll(Feed, (feed, name: string) => feed.changed.pipe((source: Observable<{ url: string }>) => (void name, source)))
  all(_event: { readonly url: string }): void {}

  // @ts-expect-error -- the event has no `path`
  @on(Feed, (feed) => feed.changed)
  wrongEvent(_event: { path: string }): void {}

  @on(Feed, (feed) => feed.changed, {
    concurrency: 2,
    capacity: 10,
    overflow: 'latest',
    onError: (error: unknown, event) => `${String(error)} ${event.url satisfies string}`,
  })
  withOptions(_event: { url: string }): void {}

  // @ts-expect-error -- the event has no `path`
  @onAll(Feed, (feed) => feed.changed, { onError: (_error, event: { path: string }) => event.path })
  wrongOnError(_event: { url: string }): void {}

  // @ts-expect-error -- unknown policy
  @on(Feed, (feed) => feed.changed, { overflow: 'drop' })
  wrongOverflow(_event: { url: string }): void {}

  // @ts-expect-error -- @onAll matches every name
  @onAll(Feed, (feed) => feed.changed, { name: 'news' })
  wrongName(_event: { url: string }): void {}

  // @ts-expect-error -- a Feed has no such signal
  @on(Feed, (feed) => feed.gone)
  noSignal(): void {}
}

// @ts-expect-error -- the decorator's options are not those of the base class
@component({ config: options })
export class WrongOptions extends Component<typeof otherOptions> {}

@component({ config: options, components: { other: child(Properties, {}), 'other/two': Properties } })
export class RightOptions extends Component<typeof options> {
  size(): number {
    return this.config.size;
  }
  wrong(): string {
    // @ts-expect-error -- a number
    return this.config.size;
  }
}

child(RightOptions, { size: 3 });
// @ts-expect-error -- the option is a number
child(RightOptions, { size: 'three' });
// @ts-expect-error -- unknown option
child(RightOptions, { sice: 3 });

export class Hooks extends Component {
  override async prepare(@inject(Mailer) _mailer: Mailer): Promise<void> {}
  override *start(): Generator<void> {
    yield;
  }
  override async *ready(): AsyncGenerator<void> {
    yield;
  }
}

export class LazyIdentifiers extends Component {
  @inject(new LazyServiceIdentifier(() => Mailer)) readonly ours!: Mailer;
  @inject(new InversifyLazy(() => Mailer)) readonly theirs!: Mailer;
  @inject(new InversifyLazy(() => Mailer), { optional: true }) readonly optional: Mailer | undefined;
  @injectAll(new InversifyLazy(() => Mailer)) readonly all!: ReadonlyMap<string, Mailer>;
  @provides(new InversifyLazy(() => Mailer)) mailer(@inject(new InversifyLazy(() => Store)) _store: Store): Mailer {
    return new Mailer();
  }
  @on(new InversifyLazy(() => Feed), (feed) => feed.changed) changed(_event: { url: string }): void {}

  // @ts-expect-error -- a Mailer is not a Store
  @inject(new LazyServiceIdentifier(() => Mailer)) readonly wrong!: Store;
  // @ts-expect-error -- a Mailer is not a Store
  @inject(new InversifyLazy(() => Mailer)) readonly theirsWrong!: Store;
  // @ts-expect-error -- an optional need may be undefined
  @inject(new InversifyLazy(() => Mailer), { optional: true }) readonly mayBeMissing!: Mailer;
  // @ts-expect-error -- @injectAll injects a map
  @injectAll(new InversifyLazy(() => Mailer)) readonly notMap!: Mailer[];
  // @ts-expect-error -- returns a Store
  @provides(new InversifyLazy(() => Mailer))
  store(): Store {
    throw new Error('never');
  }
  // @ts-expect-error -- a Feed has no such signal
  @on(new InversifyLazy(() => Feed), (feed) => feed.gone)
  noSignal(): void {}
}

@injectable()
class Summary {
  constructor(@inversifyInject(Mailer) readonly mailer: Mailer) {}
}

@component({ components: { report: Summary, 'report/two': child(Summary, {}) } })
export class WithInjectable extends Component {
  @inject(Summary) readonly report!: Summary;
  // @ts-expect-error -- a Summary is not a Mailer
  @inject(Summary) readonly wrong!: Mailer;
}

const symbolToken = token<number>(Symbol('number'));
export class SymbolToken extends Component {
  @inject(symbolToken) readonly right!: number;
  // @ts-expect-error -- the token's type is a number
  @inject(symbolToken) readonly wrong!: string;
}

@component({
  lookups: [
    Mailer,
    symbolToken,
    { id: Store, name: 'archive', optional: true },
    new LazyServiceIdentifier(() => Mailer),
    { [lookups]: [Mailer, { id: symbolToken }] },
    // @ts-expect-error -- the name alone identifies nothing
    { name: 'archive' },
    // @ts-expect-error -- a string identifies nothing
    'Mailer',
  ],
})
export class WithLookups extends Component {}
