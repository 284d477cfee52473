/** Two applications of the same classes in one process. */
import { Deferred, settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import {
  Application,
  component,
  Component,
  defineConfig,
  inject,
  on,
  provides,
  Signal,
  token,
  type LifecycleEvent,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

/** What one application does, and the gates that it waits for. */
class World {
  readonly journal: string[] = [];
  readonly provided = new Deferred();
  readonly published = new Deferred();
}

const worlds = { a: new World(), b: new World() };
type Name = keyof typeof worlds;

class Feed {
  readonly news = new Signal<string>();
  constructor(readonly world: World) {}
}

const Late = token<string>('Late');

const options = defineConfig({ name: { doc: 'Name of the application', format: ['a', 'b'] as const, default: 'a' } });

@component({ config: options })
class Producer extends Component<typeof options> {
  readonly #world = worlds[this.config.name as Name];

  @provides(Feed) async feed(): Promise<Feed> {
    await this.#world.provided.promise;
    return new Feed(this.#world);
  }

  override async start(): Promise<void> {
    await this.#world.published.promise;
    this.context.addResource(Late, `late of ${this.config.name}`);
  }
}

@component()
class Consumer extends Component {
  @inject(Feed) readonly feed!: Feed;

  override async *start(): AsyncGenerator<void, void, unknown> {
    const { journal } = this.feed.world;
    this.feed.news.subscribe((text) => journal.push(`subscriber: ${text}`));
    journal.push(`found ${await this.context.getResource(Late)}`);
    yield;
    journal.push('undone');
  }

  @on(Feed, ({ news }) => news) heard(text: string): void {
    this.feed.world.journal.push(`handler: ${text}`);
  }
}

@component({ components: { producer: Producer, consumer: Consumer } })
class App extends Component {}

async function applicationOf(name: Name): Promise<{ application: Application; events: LifecycleEvent[] }> {
  const plan = await planApplication(App, { config: { components: { producer: { name } } } });
  const application = new Application(plan);
  const events: LifecycleEvent[] = [];
  application.lifecycle.subscribe((event) => void events.push(event));
  return { application, events };
}

test('two applications of the same classes that start and stop at the same time share nothing', async () => {
  const { a, b } = worlds;
  const [first, second] = [await applicationOf('a'), await applicationOf('b')];
  const started = Promise.all([first.application.start(), second.application.start()]);
  a.provided.resolve();
  b.provided.resolve();
  await settled();
  const waiting = [first, second].map(({ application }) => application.waiting().map(({ keys }) => keys.length));
  expect(waiting).toEqual([
    [0, 1],
    [0, 1],
  ]);
  // Both applications wait for the same key. Only one of them publishes it.
  b.published.resolve();
  await settled();
  expect([first.application.state, second.application.state]).toEqual(['starting', 'started']);
  a.published.resolve();
  await started;

  const feeds = [first, second].map(({ application }) => application.context.getResourceSync(Feed));
  const stopped = first.application.stop();
  for (const [index, feed] of feeds.entries()) feed.news.dispatch(`event ${index}`);
  await Promise.all([stopped, second.application.stop()]);

  expect(a.journal).toEqual(['found late of a', 'subscriber: event 0', 'handler: event 0', 'undone']);
  expect(b.journal).toEqual(['found late of b', 'subscriber: event 1', 'handler: event 1', 'undone']);
  for (const { application, events } of [first, second]) {
    const own = new Set(application.plan.components.map(({ node }) => node));
    expect(events.filter((event) => event.type !== 'application' && !own.has(event.component))).toEqual([]);
    expect(events.filter(({ type }) => ['waiting', 'published', 'found'].includes(type))).toHaveLength(3);
  }
});
