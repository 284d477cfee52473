import { errorOf, withoutLines } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  ComponentStartError,
  Context,
  inject,
  on,
  provides,
  Signal,
  startApplication,
  token,
} from '@asphalt/core';
import { HandlerError } from '@asphalt/core/errors';

const Str = token<string>('Str');
class Bus {
  readonly news = new Signal<string>();
}

describe('a @provides that is not kept', () => {
  test('a component that does not publish what its class declares is reported, not its dependent', async () => {
    @provides(Str)
    class Gives extends Component {
      override start(): void {}
    }
    class Takes extends Component {
      @inject(Str) readonly text!: string;
    }
    @component({ components: { gives: Gives, takes: Takes } })
    class App extends Component {}
    const error = await errorOf(startApplication(App), ComponentStartError);
    expect(withoutLines(error.message)).toMatchInlineSnapshot(`
      "Gives declares \`Str\` with @provides, but has not published it
        called in    start() of component \`gives\` (Gives)
        path         App › gives (Gives)
        declared at  unpublished-resource.test.ts:LINE
        note         on a class, @provides declares that start() publishes the resource itself
        cause        ERR_RESOURCE_UNPUBLISHED
        help         call this.context.addResource(Str, …) before start() ends
                     or provide it from a method: @provides(Str) on the method
                     or remove @provides from the class if the component may not publish it
        code         ERR_COMPONENT_START"
    `);
    expect(error.cause).toMatchObject({ code: 'ERR_RESOURCE_UNPUBLISHED', key: { id: Str, name: 'default' } });
  });

  test('a component without dependents is reported too, after an asynchronous start', async () => {
    @provides(Str, { name: 'own' })
    class Gives extends Component {
      override async start(): Promise<void> {
        await Promise.resolve();
        this.context.addResource(Str, 'another name');
      }
    }
    expect((await errorOf(startApplication(Gives))).message).toContain(
      'Gives declares `Str "own"` with @provides, but has not published it',
    );
  });

  test('a value, a factory and a resource that a child publishes keep the promise', async () => {
    @provides(Str)
    class Value extends Component {
      override start(): void {
        this.context.addResource(Str, 'value');
      }
    }
    @provides(Str)
    class Made extends Component {
      override prepare(): void {
        this.context.addResourceFactory(Str, () => 'made');
      }
    }
    @component({
      components: {
        value: class Child extends Component {
          override start(): void {
            this.context.addResource(Str, 'by a child');
          }
        },
      },
    })
    @provides(Str)
    class Parent extends Component {}
    for (const type of [Value, Made, Parent]) {
      const application = await startApplication(type);
      await application.stop();
    }
  });

  test('a generator that ends without a yield is reported as one', async () => {
    class Gives extends Component {
      @provides(Str) *text(): Generator<string> {
        if (this.path === '') return;
        yield 'never';
      }
    }
    const { message } = await errorOf(startApplication(Gives));
    expect(message).toMatchInlineSnapshot(`
      "\`text()\` ended without a \`yield\`, so it provides no \`Str\`
        called in    text() of the root component (Gives)
        cause        ERR_RESOURCE_VALUE
        help         yield a \`Str\`
        code         ERR_COMPONENT_START"
    `);
  });

  test('a factory that is a generator and ends without a yield is reported as one', async () => {
    await Context.run(async (context) => {
      context.addResourceFactory(Str, function* (): Generator<string> {});
      const { message } = await errorOf(context.getResource(Str));
      expect(message).toMatchInlineSnapshot(`
        "The factory of \`Str\` ended without a \`yield\`, so it provides no \`Str\`
          help         yield a \`Str\`
          code         ERR_RESOURCE_VALUE"
      `);
      context.addResourceFactory(Str, async function* (): AsyncGenerator<string> {}, { name: 'async' });
      expect((await errorOf(context.getResource(Str, 'async'))).message).toContain('ended without a `yield`');
    });
  });
});

describe('a lookup that is too early', () => {
  class Gives extends Component {
    @provides(Str) async text(): Promise<string> {
      await Promise.resolve();
      return 'late';
    }
  }

  test('a deferred need that is read before its provider has started names the provider', async () => {
    class Reads extends Component {
      @inject(Str, { deferred: true }) readonly late!: { get(): string };
      override start(): void {
        this.late.get();
      }
    }
    @component({ components: { reads: Reads, gives: Gives } })
    class App extends Component {}
    expect((await errorOf(startApplication(App))).message).toMatchInlineSnapshot(`
      "No resource of type \`Str\` named "default" in context "App"
        called in    start() of component \`reads\` (Reads)
        path         App › reads (Reads)
        note         component \`gives\` (Gives) provides it, but has not published it yet; a deferred need does not wait
        cause        ERR_RESOURCE_NOT_FOUND
        help         call get() later: in ready(), a task or a handler
                     or remove \`deferred: true\`, so that the component waits
        code         ERR_COMPONENT_START"
    `);
  });

  test('a synchronous lookup names the provider that has not started', async () => {
    class Reads extends Component {
      override start(): void {
        this.context.getResourceSync(Str);
      }
    }
    @component({ components: { reads: Reads, gives: Gives } })
    class App extends Component {}
    expect((await errorOf(startApplication(App))).message).toMatchInlineSnapshot(`
      "No resource of type \`Str\` named "default" in context "reads"
        called in    start() of component \`reads\` (Reads)
        path         App › reads (Reads)
        note         component \`gives\` (Gives) provides it, but has not published it yet
        cause        ERR_RESOURCE_NOT_FOUND
        help         wait for it: await context.getResource(Str)
                     or declare the need, so that the runtime waits: @inject(Str)
        code         ERR_COMPONENT_START"
    `);
  });

  test('a resource that exists only in the contexts of a component is reported as such', async () => {
    class Request {}
    @provides(Request, { scope: 'context' })
    class Server extends Component {}
    class Reads extends Component {
      override start(): void {
        this.context.getResourceSync(Request);
      }
    }
    @component({ components: { server: Server, reads: Reads } })
    class App extends Component {}
    expect((await errorOf(startApplication(App))).message).toMatchInlineSnapshot(`
      "No resource of type \`Request\` named "default" in context "reads"
        called in    start() of component \`reads\` (Reads)
        path         App › reads (Reads)
        note         component \`server\` (Server) provides it only in the contexts that it opens
        cause        ERR_RESOURCE_NOT_FOUND
        help         look it up in such a context, such as that of a request
        code         ERR_COMPONENT_START"
    `);
  });
});

describe('a TypeError of a component', () => {
  test('the constructor that reads an injected property receives an explanation', async () => {
    class Gives extends Component {
      @provides(Str) text(): string {
        return 'x';
      }
    }
    class Reads extends Component {
      @inject(Str) readonly text!: string;
      readonly length = this.text.length;
    }
    @component({ components: { gives: Gives, reads: Reads } })
    class App extends Component {}
    expect((await errorOf(startApplication(App))).message).toMatchInlineSnapshot(`
      "Component \`reads\` (Reads) failed to start: TypeError: Cannot read properties of undefined (reading 'length')
        called in    the constructor of component \`reads\` (Reads)
        path         App › reads (Reads)
        note         the runtime injects \`text\` after the constructor and the field initializers have run
        help         inject it as a constructor parameter, or use it in start()
        code         ERR_COMPONENT_START"
    `);
  });

  test('the hook that takes its abort signal for a resource receives an explanation', async () => {
    class Site extends Component {
      override start(repo: Map<string, string>): void {
        repo.get('page');
      }
    }
    expect((await errorOf(startApplication(Site))).message).toMatchInlineSnapshot(`
      "The root component (Site) failed to start: TypeError: repo.get is not a function
        called in    start() of the root component (Site)
        note         \`start()\` parameter 1 has no @inject() and received the AbortSignal
        help         add @inject(…) to it, unless that is the value that it expects
        code         ERR_COMPONENT_START"
    `);
  });

  test('the handler that takes its context for a resource receives an explanation', async () => {
    const errors: unknown[] = [];
    class Feed extends Component {
      @provides(Bus) bus(): Bus {
        return new Bus();
      }
      @on(Bus, (bus) => bus.news) show(_item: string, repo: Map<string, string>): void {
        repo.get('page');
      }
    }
    const application = await startApplication(Feed, { onError: (error: unknown) => void errors.push(error) });
    application.context.getResourceSync(Bus).news.dispatch('item');
    await application.stop();
    expect(errors).toEqual([expect.any(HandlerError)]);
    expect((errors[0] as Error).message).toMatchInlineSnapshot(`
      "\`show()\` of the root component (Feed) failed to handle an event: TypeError: repo.get is not a function
        note         \`show()\` parameter 2 has no @inject() and received the Context
        help         add @inject(…) to it, unless that is the value that it expects
        code         ERR_HANDLER"
    `);
  });

  test('an error that is no TypeError, and one without a possible cause here, receive none', async () => {
    class Fails extends Component {
      override start(_abort: AbortSignal): void {
        throw new RangeError('too much');
      }
    }
    class Throws extends Component {
      override start(): void {
        throw new TypeError('own');
      }
    }
    for (const type of [Fails, Throws]) {
      expect((await errorOf(startApplication(type))).message).not.toMatch(/note|help/);
    }
  });
});
