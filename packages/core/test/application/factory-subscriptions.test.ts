/** Who ends the subscriptions that factories make, and those that are made while other code dispatches. */
import { injectable } from 'inversify';
import { map } from 'rxjs';
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
import { settled } from './gate.ts';

class Bus {
  readonly news = new Signal<string>();
  readonly more = new Signal<string>();
}
class View {
  readonly changed = new Signal<string>();
}
const Slow = token<string>('Slow');

/** Lives longer than any application. */
let bus = new Bus();
let heard: string[] = [];

const hear = (event: string): void => void heard.push(event);

class BusComponent extends Component {
  @provides(Slow, { scope: 'context' }) async slow(): Promise<string> {
    await settled();
    return 'slow';
  }
}

/** Ways in which the code of a factory subscribes before it first waits. */
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
  'a factory added by hand': () =>
    class Views extends Component {
      override start(): void {
        this.context.addResourceFactory(View, () => {
          bus.news.subscribe(hear);
          return new View();
        });
      }
    },
};

describe.each(Object.entries(ways))('what %s of a context-scoped provider subscribes to', (_, make) => {
  async function started(): Promise<Awaited<ReturnType<typeof startApplication>>> {
    bus = new Bus();
    heard = [];
    @component({ components: { bus: BusComponent, views: make() } })
    class App extends Component {}
    return startApplication(App);
  }

  test('ends with the context that asked', async () => {
    await using app = await started();
    for (let request = 0; request < 3; request++) {
      await app.context.run(async (context) => {
        await context.getResource(View);
        expect(bus.news.observed).toBe(true);
      });
      expect(bus.news.observed).toBe(false);
    }
  });

  test('ends with the component while the context goes on', async () => {
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

test('a subscription that a factory makes leaves nothing behind when it ends before its context', async () => {
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
  // The signal of the view is all that is left.
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

test('what a factory subscribes to is not owned by the component whose start asks for it', async () => {
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

describe('a subscriber that subscribes when an event comes', () => {
  test('does so for itself, whichever component dispatches the event while it starts', async () => {
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

  test('does so for itself when a factory dispatches', async () => {
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

describe('what the runtime itself subscribes to', () => {
  @injectable()
  class Plain {}

  test("is not owned by the component that is the first to use a context's container", async () => {
    class First extends Component {
      override start(): void {
        void this.application.context.container;
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
    expect(app.context.container.isBound(Plain)).toBe(true);
  });

  test("ends with the component where it is the container of the component's context", async () => {
    class Uses extends Component {
      override start(): void {
        void this.context.container;
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

test('the signals of what a factory created complete with the context that asked', async () => {
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
