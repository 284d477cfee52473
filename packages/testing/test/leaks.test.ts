/** `expectNoLeaks` with real contexts, sockets, timers, processes and listeners. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Component, Context, startApplication, type Application } from '@asphalt/core';
import { expectNoLeaks, LeakError } from '@asphalt/testing';
import { httpServer } from '@asphalt/testing/servers';
import { errorOf } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';

const ignore = (): void => undefined;
const close = (context: Context): Promise<void> => context.close();

/** Opens something that ends after the test. */
function ended<T>(value: T, end: (value: T) => unknown): T {
  onTestFinished(async () => {
    await end(value);
  });
  return value;
}

async function listen(): Promise<Server> {
  const server = ended(createServer(), (each) => each.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function leaksOf(run: () => unknown): Promise<string[]> {
  const { leaks } = await errorOf(expectNoLeaks(run), LeakError);
  return leaks.map(({ description }) => description);
}

describe('a function without leaks', () => {
  test('returns its result after it closed what it opened', async () => {
    const result = await expectNoLeaks(async () => {
      const server = createServer().listen(0);
      await once(server, 'listening');
      server.close();
      clearTimeout(setTimeout(() => undefined, 60_000));
      process.off('SIGUSR2', process.on('SIGUSR2', ignore).listeners('SIGUSR2').at(-1) as () => void);
      await Context.run((context) => context.run(() => undefined));
      return 42;
    });
    expect(result).toBe(42);
  });

  test('can start and stop an application', async () => {
    class App extends Component {}
    await expectNoLeaks(async () => {
      await using _application = await startApplication(App);
    });
  });

  test('can close resources after it has ended', async () => {
    await expectNoLeaks(() => {
      setTimeout(() => undefined, 20);
    });
  });

  test('is not responsible for timers that do not keep the process alive, or that others started', async () => {
    let start!: () => void;
    const signal = new Promise<void>((resolve) => {
      start = resolve;
    });
    const others = signal.then(() => ended(setInterval(ignore, 60_000), clearInterval));
    await expectNoLeaks(async () => {
      ended(setInterval(ignore, 60_000).unref(), clearInterval);
      start();
      await others;
    });
  });

  test('can leave idle connections of `fetch`, which do not keep the process alive', async () => {
    await using server = await httpServer((_request, response) => response.end('open'));
    const text = await expectNoLeaks(async () => (await fetch(server.url)).text());
    expect(text).toBe('open');
  });

  test('fails with its own error, even if it leaves something open', async () => {
    const fail = (): never => {
      ended(setInterval(ignore, 60_000), clearInterval);
      throw new RangeError('its own');
    };
    expect(await errorOf(expectNoLeaks(fail))).toBeInstanceOf(RangeError);
  });
});

function addListener(): void {
  ended(process.on('SIGUSR2', ignore), () => process.off('SIGUSR2', ignore));
}

test('the error names each leak and the code that opened it', async () => {
  const poll = (): NodeJS.Timeout => ended(setInterval(ignore, 60_000), clearInterval);
  const error = await errorOf(
    expectNoLeaks(async () => {
      for (let count = 0; count < 3; count++) poll();
      await listen();
      addListener();
    }),
    LeakError,
  );
  const lineOf = /test\.ts:(\d+)/;
  const text = error.message.replaceAll(/(127\.0\.0\.1|test\.ts):\d+/g, '$1:<n>');
  expect(text).toMatchInlineSnapshot(`
    "The function left resources open
      1. 3 × interval of 60000 ms, opened at poll (packages/testing/test/leaks.test.ts:<n>)
      2. server on 127.0.0.1:<n>, opened at listen (packages/testing/test/leaks.test.ts:<n>)
      3. listener of process for SIGUSR2, opened at addListener (packages/testing/test/leaks.test.ts:<n>)
      help         close them before the function ends, for example with \`await using\`
      code         ERR_TEST_LEAK"
  `);
  const source = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const opening = source[Number(lineOf.exec(error.message)![1]) - 1];
  expect(opening).toContain('const poll = ');
});

describe('a handle is described', () => {
  test('as a socket with the address of its peer, at both ends', async () => {
    const server = await listen();
    const { port } = server.address() as AddressInfo;
    const leaks = await leaksOf(async () => {
      const socket = ended(connect(port, '127.0.0.1'), (each) => each.destroy());
      await once(socket, 'connect');
    });
    expect(leaks).toEqual([`socket to 127.0.0.1:${port}`]);

    const local = await leaksOf(async () => {
      const own = await listen();
      const accepted = once(own, 'connection');
      const socket = ended(connect((own.address() as AddressInfo).port, '127.0.0.1'), (each) => each.destroy());
      await Promise.all([once(socket, 'connect'), accepted]);
    });
    expect(local.map((description) => description.replace(/ \S*$/, ''))).toEqual([
      'server on',
      'socket to',
      'socket to',
    ]);
  });

  test('as a process with its id, and as a thread', async () => {
    let pid: number | undefined;
    const leaks = await leaksOf(() => {
      const child = ended(spawn('sleep', ['60'], { stdio: 'ignore' }), (each) => each.kill());
      ({ pid } = child);
      ended(new Worker('setInterval(() => undefined, 60_000)', { eval: true, stdin: false }), (each) =>
        each.terminate(),
      );
    });
    expect(leaks).toEqual(expect.arrayContaining([`process ${pid}`, 'thread']));
  });

  test('as a timer with its delay', async () => {
    expect(await leaksOf(() => ended(setTimeout(ignore, 60_000), clearTimeout))).toEqual(['timer of 60000 ms']);
  });
});

describe('an open context is a leak', () => {
  test('if it has no application', async () => {
    expect(await leaksOf(() => ended(new Context('tools'), close))).toEqual(['context "tools"']);
  });

  class Shop extends Component {
    override async ready(): Promise<void> {
      ended(this.context.child('sale'), close);
    }
  }

  // Each stop fails, because the context is still open.
  const startShop = async (): Promise<Application> =>
    ended(await startApplication(Shop), (shop) => shop.stop().catch(ignore));

  test('and is named with its parent and the component that opened it', async () => {
    const error = await errorOf(
      expectNoLeaks(async () => {
        const shop = await startShop();
        await shop.stop().catch(ignore);
      }),
      LeakError,
    );
    expect(error.leaks).toMatchObject([
      { kind: 'context', description: 'context "sale" of "Shop"', place: expect.stringContaining('Shop.ready (') },
    ]);
  });

  test('once for an application that runs, without the contexts inside of it', async () => {
    expect(await leaksOf(startShop)).toEqual(['context "Shop"']);
  });
});
