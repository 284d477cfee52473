/** Ownership of subscriptions that are made by factories, by subscribers during an event, and by the runtime. */
import { settled } from '@asphalt/test-support';
import { injectable } from 'inversify';
import { map } from 'rxjs';
import { containerOf } from '@asphalt/core/inversify';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  Context,
  inject,
  provides,
  Signal,
  startApplication,
  streamEvents,
  token,
} from '@asphalt/core';

class Bus {
  readonly news = new Signal<string>();
  readonly more = new Signal<string>();
}
class View {
  readonly changed = new Signal<string>();
}
const Slow = token<string>('Slow');

/** Outlives every application. */
let bus = new Bus();
let heard: string[] = [];

const hear = (event: string): void => void heard.push(event);

class BusComponent extends Component {
  @provides(Slow, { scope: 'context' }) async slow(): Promise<string> {
    await settled();
    return 'slow';
  }
}

/** Ways in which a factory subscribes before its first await. */
const ways: Record<string, () => new () => Component> = {
  'a plain method': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(): View {
        bus.news.subscribe(hear);
        return new View();
      }
    }
    return Views;
  },
  'a method with a pipe': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(): View {
        bus.news.pipe(map(String)).subscribe(hear);
        return new View();
      }
    }
    return Views;
  },
  'a generator': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) *view(): Generator<View> {
        bus.news.subscribe(hear);
        yield new View();
      }
    }
    return Views;
  },
  'an async method': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) async view(): Promise<View> {
        bus.news.subscribe(hear);
        await settled();
        return new View();
      }
    }
    return Views;
  },
  'an async generator': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) async *view(): AsyncGenerator<View> {
        bus.news.subscribe(hear);
        yield new View();
      }
    }
    return Views;
  },
  'a method with a need that is created asynchronously': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(@inject(Slow) _slow: string): View {
        bus.news.subscribe(hear);
        return new View();
      }
    }
    return Views;
  },
  'a generator with a need that is created asynchronously': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) *view(@inject(Slow) _slow: string): Generator<View> {
        bus.news.subscribe(hear);
        yield new View();
      }
    }
    return Views;
  },
  'a loop over a stream': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(): View {
        void this.#listen();
        return new View();
      }
      async #listen(): Promise<void> {
        for await (const event of bus.news) hear(event);
      }
    }
    return Views;
  },
  'a loop over the events of several signals': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(): View {
        void this.#listen();
        return new View();
      }
      async #listen(): Promise<void> {
        for await (const event of streamEvents([bus.news])) hear(event);
      }
    }
    return Views;
  },
  'wait()': () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(): View {
        bus.news.wait().then(hear, () => undefined);
        return new View();
      }
    }
    return Views;
  },
  'a factory added explicitly': () =>
    class Views extends Component {
      override start(): void {
        this.context.addResourceFactory(View, () => {
          bus.news.subscribe(hear);
          return new View();
        });
      }
    },
};

describe.each(Object.entries(ways))('subscriptions made by %s as a factory', (_, make) => {
  async function started(): Promise<Awaited<ReturnType<typeof startApplication>>> {
    bus = new Bus();
    heard = [];
    @component({ components: { bus: BusComponent, views: make() } })
    class App extends Component {}
    return startApplication(App);
  }

  test('the subscription ends with the requesting context', async () => {
    await using app = await started();
    for (let request = 0; request < 3; request++) {
      await app.context.run(async (context) => {
        await context.getResource(View);
        expect(bus.news.observed).toBe(true);
      });
      expect(bus.news.observed).toBe(false);
    }
  });

  test('the subscription ends with the component while the context stays open', async () => {
    await using app = await started();
    await app.context.run(async (context) => {
      await context.getResource(View);
      await app.stopComponent('views');
      expect(bus.news.observed).toBe(false);
      await app.startComponent('views');
      await context.getResource(View);
      bus.news.dispatch('once');
      await settled();
      expect(heard).toEqual(['once']);
    });
    expect(bus.news.observed).toBe(false);
  });
});

test('a subscription of a factory that ends before its context leaves no teardown behind', async () => {
  const { news } = new Bus();
  const application = new Context();
  application.addResourceFactory(View, () => {
    news.subscribe().unsubscribe();
    const subscription = news.pipe(map(String)).subscribe();
    subscription.unsubscribe();
    return new View();
  });
  const request = application.child();
  request.getResourceSync(View);
  // Only the signal of the view remains.
  await request.close();
  expect(news.observed).toBe(false);
  const quick = new Context();
  quick.addResourceFactory(Slow, () => {
    news.subscribe().unsubscribe();
    return 'slow';
  });
  quick.getResourceSync(Slow);
  expect(quick.closeAtOnce()).toBe(true);
  await application.close();
});

test('a subscription of a factory does not belong to the component whose start calls the factory', async () => {
  bus = new Bus();
  class Views extends Component {
    @provides(View, { scope: 'context' }) view(): View {
      bus.news.subscribe(hear);
      return new View();
    }
  }
  class Asks extends Component {
    override start(): void {
      this.context.getResourceSync(View);
    }
  }
  @component({ components: { views: Views, asks: Asks } })
  class App extends Component {
    override start(): void {}
  }
  await using app = await startApplication(App);
  await app.stopComponent('asks');
  expect(bus.news.observed).toBe(true);
  await app.stopComponent('views');
  expect(bus.news.observed).toBe(false);
});

describe('subscriptions made during an event', () => {
  test('a subscription made during an event does not belong to the component that dispatches the event', async () => {
    bus = new Bus();
    heard = [];
    class Listener extends Component {
      override start(): void {
        bus.news.subscribe(() => bus.more.subscribe(hear));
      }
    }
    class Talker extends Component {
      override ready(): void {
        bus.news.dispatch('hello');
      }
    }
    @component({ components: { listener: Listener, talker: Talker } })
    class App extends Component {}
    const app = await startApplication(App);
    bus.more.dispatch('before');
    await app.stopComponent('talker');
    bus.more.dispatch('after');
    expect(heard).toEqual(['before', 'after']);
    await app.stop();
  });

  test('a subscription made during an event does not belong to the factory that dispatches the event', async () => {
    const { news, more } = new Bus();
    const application = new Context();
    news.subscribe(() => more.subscribe());
    application.addResourceFactory(Slow, () => {
      news.dispatch('made');
      return 'slow';
    });
    await application.run((request) => void request.getResourceSync(Slow));
    expect(more.observed).toBe(true);
    await application.close();
  });
});

describe('subscriptions of the runtime', () => {
  @injectable()
  class Plain {}

  test("a container's subscription does not belong to the component that uses the container first", async () => {
    class First extends Component {
      override start(): void {
        void containerOf(this.application.context);
      }
      get application(): { context: Context } {
        return { context: this.context.parent as Context };
      }
    }
    @component({ components: { first: First } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.stopComponent('first');
    app.context.addResource(Plain, new Plain());
    expect(containerOf(app.context).isBound(Plain)).toBe(true);
  });

  test("the subscription of a component context's container ends with the component", async () => {
    class Uses extends Component {
      override start(): void {
        void containerOf(this.context);
      }
    }
    @component({ components: { uses: Uses } })
    class App extends Component {}
    await using app = await startApplication(App);
    expect(app.context.resourceAdded.observed).toBe(true);
    await app.stopComponent('uses');
    expect(app.context.resourceAdded.observed).toBe(false);
  });
});

test("the signals of a factory's value complete with the requesting context", async () => {
  await using app = await (async () => {
    class Views extends Component {
      @provides(View, { scope: 'context' }) view(): View {
        return new View();
      }
    }
    return startApplication(Views);
  })();
  let completed = 0;
  await app.context.run((request) => {
    request.getResourceSync(View).changed.subscribe({ complete: () => completed++ });
  });
  expect(completed).toBe(1);
});
