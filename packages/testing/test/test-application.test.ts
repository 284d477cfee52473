import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AsphaltError, Component, component, defineConfig, inject, on, provides, Signal, token } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import {
  eventually,
  FakeMethodError,
  NoFailureError,
  startTestApplication,
  testApplication,
  UntakenFailuresError,
} from '@asphalt/testing';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { describe, expect, test, vi } from 'vitest';

class Mailer {
  constructor(readonly host: string = 'mail.example.org') {}

  async send(_text: string): Promise<void> {
    throw new Error('must not run');
  }

  async close(): Promise<void> {}
}

const Greeting = token<() => string>('Greeting');

class Orders {
  readonly placed = new Signal<string>();
}

const mailerOptions = defineConfig({ host: { doc: 'Mail server', format: 'string', required: true } });

@component({ config: mailerOptions })
class MailerComponent extends Component<typeof mailerOptions> {
  @provides(Mailer)
  mailer(): Mailer {
    return new Mailer(this.config.host);
  }
}

@component({ components: { mailer: MailerComponent } })
class Shop extends Component {
  @provides(Orders)
  orders(): Orders {
    return new Orders();
  }

  @on(Orders, (orders) => orders.placed)
  async confirm(order: string, @inject(Mailer) mailer: Mailer): Promise<void> {
    this.logger.info(`${order} is on its way`, { order });
    await mailer.send(order);
  }
}

test('a plain object replaces a resource, and its component needs no options', async () => {
  const fake = { sent: [] as string[], count: 0, send: async (text: string) => void fake.sent.push(text) };
  await using app = await startTestApplication(Shop, { replace: [[Mailer, fake]] });
  app.context.getResourceSync(Orders).placed.dispatch('a lamp');
  await eventually(() => expect(fake.sent).toEqual(['a lamp']));
  expect(app.context.getResourceSync(Mailer)).toBeInstanceOf(Mailer);
});

test('a fake shares its fields and mocks with the resource', async () => {
  const fake = { host: 'localhost', send: vi.fn<() => Promise<void>>(async () => undefined) };
  await using app = await startTestApplication(Shop, { replace: [[Mailer, fake]] });
  const mailer = app.context.getResourceSync(Mailer);
  fake.host = 'changed';
  expect(mailer.host).toBe('changed');
  await mailer.send('hello');
  expect(fake.send).toHaveBeenCalledWith('hello');
});

test('an instance of the class is published itself, and so is the fake of a token', async () => {
  class App extends Component {}
  const mailer = new Mailer();
  const greet = (): string => 'hello';
  await using app = await startTestApplication(App, {
    replace: [
      [Mailer, mailer],
      [Greeting, greet, 'polite'],
    ],
  });
  expect(app.context.getResourceSync(Mailer)).toBe(mailer);
  expect(app.context.getResourceSync(Greeting, 'polite')).toBe(greet);
});

test('a method that the fake lacks throws an error that names it', async () => {
  await using app = await startTestApplication(Shop, { replace: [[Mailer, { send: async () => undefined }]] });
  const error = await errorOf(() => app.context.getResourceSync(Mailer).close(), FakeMethodError);
  expect(error.message).toMatchInlineSnapshot(`
    "The fake of \`Mailer\` has no method \`close()\`
      help         add the method to the object in \`replace\`
      code         ERR_TEST_FAKE_METHOD"
  `);
});

test('methods and accessors of a fake run on the fake, so that it can have private members', async () => {
  class FakeMailer {
    readonly #sent: string[] = [];

    async send(text: string): Promise<void> {
      this.#sent.push(text);
    }

    get host(): string {
      return this.#sent.join();
    }

    set host(text: string) {
      this.#sent.push(text);
    }
  }
  await using app = await startTestApplication(Shop, { replace: [[Mailer, new FakeMailer()]] });
  const mailer = app.context.getResourceSync(Mailer);
  await mailer.send('a lamp');
  Object.assign(mailer, { host: 'a chair' });
  expect(mailer.host).toBe('a lamp,a chair');
  expect(mailer.send).toBe(mailer.send);
});

test('a mock of a fake is a mock of the resource', async () => {
  const fake = { send: vi.fn<() => Promise<void>>(async () => undefined) };
  await using app = await startTestApplication(Shop, { replace: [[Mailer, fake]] });
  const { send } = app.context.getResourceSync(Mailer);
  await send('hello');
  expect(send).toHaveBeenCalledWith('hello');
});

test('an accessor that the fake lacks throws an error that names it', async () => {
  class Inbox {
    #unread = 1;

    get unread(): number {
      return this.#unread;
    }

    set unread(count: number) {
      this.#unread = count;
    }

    get [Symbol.toStringTag](): string {
      return 'Inbox';
    }
  }
  class App extends Component {}
  await using app = await startTestApplication(App, { replace: [[Inbox, {}]] });
  const inbox = app.context.getResourceSync(Inbox);
  const error = await errorOf(() => inbox.unread, FakeMethodError);
  expect(error.message).toMatchInlineSnapshot(`
    "The fake of \`Inbox\` has no property \`unread\`
      help         add the property to the object in \`replace\`
      code         ERR_TEST_FAKE_METHOD"
  `);
  expect(() => (inbox.unread = 2)).toThrow(FakeMethodError);
  expect(Object.prototype.toString.call(inbox)).toBe('[object Inbox]');
});

test.each([null, undefined])('%s as a fake is refused', async (fake) => {
  class App extends Component {}
  for (const id of [Mailer, Greeting]) {
    const { summary } = await errorOf(startTestApplication(App, { replace: [[id, fake as never]] }), AsphaltError);
    expect(summary).toBe(`\`replacement 1()\` returned ${String(fake)} instead of a \`${id.name}\``);
  }
});

class StampError extends Error {}

/** Starts a shop whose handler has failed once. */
async function failedShop(): ReturnType<typeof startTestApplication> {
  const fake = { send: () => Promise.reject(new StampError('no stamps')) };
  const app = await startTestApplication(Shop, { replace: [[Mailer, fake]] });
  app.context.getResourceSync(Orders).placed.dispatch('a lamp');
  return app;
}

test('a failure that the test does not take rejects the stop once', async () => {
  const app = await failedShop();
  const error = await errorOf(app.stop(), UntakenFailuresError);
  expect(error.message).toMatchInlineSnapshot(`
    "The application reported a failure
      1. HandlerError: \`confirm()\` of the root component (Shop) failed to handle an event: Error: no stamps
           code         ERR_HANDLER
      help         expect a failure with app.takeFailure(ErrorClass) before the application stops
      code         ERR_TEST_FAILURES"
  `);
  await app.stop();
});

test('a failure is taken by its class or by that of its cause', async () => {
  await using app = await failedShop();
  expect((await eventually(() => app.takeFailure(StampError))).message).toBe('no stamps');

  await using other = await failedShop();
  const failure = await eventually(() => other.takeFailure(AsphaltError));
  expect(failure.code).toBe('ERR_HANDLER');
});

test('a failure with a cyclic cause is taken, and its cycle ends the search for another class', async () => {
  const first = new StampError('no stamps');
  const second = new TypeError('no post', { cause: first });
  first.cause = second;
  await using app = await startTestApplication(Shop, { replace: [[Mailer, { send: () => Promise.reject(first) }]] });
  app.context.getResourceSync(Orders).placed.dispatch('a lamp');
  await eventually(() => expect(() => app.takeFailure(RangeError)).toThrow('stamps'));
  expect(app.takeFailure(TypeError)).toBe(second);
});

test('taking a failure that was not reported lists those that were', async () => {
  const app = await failedShop();
  await eventually(() => app.takeFailure(StampError));
  app.context.getResourceSync(Orders).placed.dispatch('a chair');
  await eventually(() => expect(() => app.takeFailure(RangeError)).toThrow('stamps'));
  expect((await errorOf(() => app.takeFailure(RangeError), NoFailureError)).message).toMatchInlineSnapshot(`
    "The application has not reported a failure of class RangeError
      1. HandlerError: \`confirm()\` of the root component (Shop) failed to handle an event: Error: no stamps
           code         ERR_HANDLER
      help         wait for it: await eventually(() => app.takeFailure(RangeError))
      code         ERR_TEST_FAILURE_MISSING"
  `);
  app.takeFailure(StampError);
  await app.stop();
});

test('the application has the lines that its components log', async () => {
  const fake = { send: async () => undefined };
  await using app = await startTestApplication(Shop, { replace: [[Mailer, fake]] });
  app.context.getResourceSync(Orders).placed.dispatch('a lamp');
  await eventually(() =>
    expect(app.logs).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'a lamp is on its way', data: { order: 'a lamp' } }),
    ),
  );
});

test('the configuration reaches the components', async () => {
  const config = { components: { mailer: { host: 'localhost' } } };
  await using app = await startTestApplication(Shop, { config });
  expect(app.context.getResourceSync(Mailer).host).toBe('localhost');
});

test('a service of a configuration file starts with its options', async () => {
  const file = join(tempFolder(), 'asphalt.json');
  const shop = (host: string): object => ({ component: { components: { mailer: { host } } } });
  writeFileSync(file, JSON.stringify({ services: { web: shop('web.example.org'), api: shop('api.example.org') } }));
  const config = await loadConfig({ files: [file], service: 'api', env: {} });
  await using app = await startTestApplication(Shop, { config });
  expect(app.context.getResourceSync(Mailer).host).toBe('api.example.org');
});

test('the configuration can name the root component', async () => {
  const config = LoadedConfig.fromObject({ type: Shop, components: { mailer: { host: 'localhost' } } });
  await using app = await startTestApplication(undefined, { config });
  expect(app.plan.root.type).toBe(Shop);
});

describe('an application of a test function', () => {
  test('stops after a test of vitest', async (context) => {
    // Hooks run in reverse order, so this one runs after that of the application.
    context.onTestFinished(() => expect(app.state).toBe('stopped'));
    const app = await testApplication(context, Shop, { replace: [[Mailer, { send: async () => undefined }]] });
    expect(app.state).toBe('started');
  });

  test.fails('fails a test of vitest that did not take a failure', async (context) => {
    const app = await testApplication(context, Shop, {
      replace: [[Mailer, { send: () => Promise.reject(new StampError('no stamps')) }]],
    });
    app.context.getResourceSync(Orders).placed.dispatch('a lamp');
  });

  test('stops after a test of `node --test`, which fails if a failure was not taken', { timeout: 30_000 }, async () => {
    requireBuild('packages/testing');
    const file = fileURLToPath(new URL('node-test/applications.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
      env: { PATH: process.env['PATH'] },
    }).catch((failed: { readonly stdout: string }) => failed);
    expect(stdout).toContain('ok 1 - the application runs during the test');
    expect(stdout).toContain('not ok 2 - a failure of a subscriber fails the test');
    expect(stdout).toContain('ERR_TEST_FAILURES');
    expect(stdout).toContain('# states: stopped, stopped');
    expect(stdout).toMatch(/^# fail 1$/m);
  });
});
