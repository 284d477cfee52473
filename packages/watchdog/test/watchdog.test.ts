import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Component, component, startApplication, type Application } from '@asphalt/core';
import { expect, onTestFinished, test } from 'vitest';
import { delayText, Watchdog, type Delay, type WatchdogOptions } from '../src/index.ts';
import { crunch, Cruncher } from './crunch.ts';
import { nextLook, type Look } from './next-look.ts';

const crunchFile = fileURLToPath(new URL('./crunch.ts', import.meta.url));

/** Returns the number of the line that ends with a comment. */
function lineOf(file: string, comment: string): number {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.endsWith(`// ${comment}`)) + 1
  );
}

/** Returns the delays that a watchdog dispatches while a function runs. */
async function delaysOf(run: () => unknown, options?: WatchdogOptions): Promise<Delay[]> {
  const watchdog = await Watchdog.start(options);
  onTestFinished(() => watchdog.stop());
  const delays: Delay[] = [];
  watchdog.delayed.subscribe((delay) => void delays.push(delay));
  await run();
  await watchdog.settled();
  return delays;
}

async function delayOf(run: () => unknown, options?: WatchdogOptions): Promise<Delay> {
  const delays = await delaysOf(run, options);
  expect(delays).toHaveLength(1);
  return delays[0]!;
}

test('a delay names the function, file and source line of the code that blocks', async () => {
  const delay = await delayOf(() => new Cruncher().run());
  expect(delay).toMatchObject({ cause: 'code', count: 1, component: undefined });
  expect(delay.place).toMatchObject({ function: 'crunch', file: crunchFile, line: lineOf(crunchFile, 'crunch') });
  const [, ...callers] = delay.stack.filter(({ file }) => file === crunchFile);
  expect(callers[0]).toMatchObject({ function: 'inner', line: lineOf(crunchFile, 'inner') });
  expect(callers[1]).toMatchObject({ function: 'run' });
  expect(delay.durationMs).toBeGreaterThanOrEqual(100);
});

test('a delay names the function with the loop if a loop calls several functions', async () => {
  const spin = (): void => {
    const end = Date.now() + 5;
    while (Date.now() < end);
  };
  function both(): void {
    for (let round = 0; round < 3; round++) {
      const look = nextLook();
      while (!look.hasBeen && Date.now() < look.latest) {
        spin();
        spinAsWell();
      }
    }
  }
  const spinAsWell = (): void => spin();
  const delay = await delayOf(both);
  expect(delay.stack.map((frame) => frame.function)).toContain('both');
  expect(delay.place?.file).toBe(fileURLToPath(import.meta.url));
});

test('a delay shortly after a long one is sampled as well', { timeout: 60_000 }, async () => {
  const block = (): void => {
    const end = Date.now() + 250;
    while (Date.now() < end);
  };
  const causes: string[] = [];
  // Other delays of a busy machine can interfere with some rounds.
  for (let round = 0; round < 3 && !causes.includes('code'); round++) {
    const [, soonAfter] = await delaysOf(
      async () => {
        // The interval doubles with each look.
        for (let looks = 0; looks < 6; looks++) {
          const look = nextLook();
          while (!look.hasBeen && Date.now() < look.latest);
        }
        await new Promise((resolve) => setTimeout(resolve, 15));
        block();
      },
      { thresholdMs: 50 },
    );
    causes.push(soonAfter?.cause ?? 'none');
  }
  expect(causes.at(-1)).toBe('code');
});

test('repeated delays of one function are counted', async () => {
  const watchdog = await Watchdog.start();
  onTestFinished(() => watchdog.stop());
  const counts: number[] = [];
  watchdog.delayed.subscribe(({ place, cause, count }) => {
    if (cause === 'code' && place?.function === 'crunch') counts.push(count);
  });
  // Other delays of a busy machine can interfere with some rounds.
  for (let round = 0; round < 20 && counts.length < 3; round++) {
    crunch();
    await watchdog.settled();
  }
  expect(counts).toEqual([1, 2, 3]);
});

test('an event loop that is not blocked causes no delays', async () => {
  const delays = await delaysOf(
    async () => {
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    },
    { thresholdMs: 10_000 },
  );
  expect(delays).toEqual([]);
});

test('a delay names the component whose method blocks', async () => {
  @component()
  class Busy extends Component {
    block(): void {
      crunch();
    }

    override async ready(): Promise<void> {
      blocks = () => this.block();
    }
  }
  let blocks!: () => void;
  const delay = await delayOf(() => blocks(), { application: await started(Busy, 'api') });
  expect(delay.component).toEqual({ path: 'api', type: 'Busy' });
  expect(delayText(delay)).toMatch(
    /^crunch\(\) at packages\/watchdog\/test\/crunch\.ts:\d+, of component `api` \(Busy\), blocked the event loop for \d+ ms$/,
  );
});

test('a delay names the component whose class is in the file of the code if no method of a component blocks', async () => {
  @component()
  class Neighbour extends Component {}
  function helper(): void {
    crunch();
  }
  const delay = await delayOf(() => helper(), { application: await started(Neighbour, 'web') });
  expect(delay.component).toEqual({ path: 'web', type: 'Neighbour' });
});

test('a delay of a handler names its component, not the one that calls all handlers through a package', async () => {
  const { call } = await packageWith<{ call(handler: () => void): void }>(
    'export const call = (handler) => { handler(); };',
  );
  @component()
  class Server extends Component {
    respond(handler: () => void): void {
      call(handler);
    }

    override async ready(): Promise<void> {
      respond = (handler) => this.respond(handler);
    }
  }
  let respond!: (handler: () => void) => void;
  const delay = await delayOf(() => respond(crunch), { application: await started(Server, 'server') });
  expect(delay.place).toMatchObject({ function: 'crunch' });
  expect(delay.component).toBeUndefined();
});

test('a delay between callbacks names a function of the program', async () => {
  const delay = await delayOf(
    () =>
      new Promise<void>((resolve) => {
        let look = nextLook();
        let looks = 0;
        const again = (): void => {
          if (look.hasBeen) [look, looks] = [nextLook(), looks + 1];
          if (looks < 2 && Date.now() < look.latest) process.nextTick(again);
          else resolve();
        };
        again();
      }),
  );
  expect(delay).toMatchObject({ cause: 'code', place: { file: fileURLToPath(import.meta.url) } });
});

test('a delay of a package names the function that called it, also through many calls', async () => {
  const { blockAt } = await packageWith<{ blockAt(depth: number, look: Look): void }>(`
    export function blockAt(depth, look) {
      if (depth > 0) return blockAt(depth - 1, look);
      while (!look.hasBeen && Date.now() < look.latest);
    }
  `);
  function work(): void {
    for (let looks = 0; looks < 2; looks++) blockAt(100, nextLook());
  }
  const delay = await delayOf(work);
  expect(delay.place).toMatchObject({ function: 'work', file: fileURLToPath(import.meta.url) });
});

/** Imports a package with the given code. */
async function packageWith<M>(code: string): Promise<M> {
  const folder = mkdtempSync(join(tmpdir(), 'asphalt-watchdog-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'node_modules/package/index.mjs');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  return (await import(pathToFileURL(file).href)) as M;
}

/** Starts an application with one component. The class of its root is in another file. */
async function started(type: new () => Component, alias: string): Promise<Pick<Application, 'plan'>> {
  const { appWith } = await import('./app-with.ts');
  const application = await startApplication(appWith({ [alias]: type }));
  onTestFinished(() => application.stop());
  return application;
}

test('the delay of a long garbage collection has the cause "garbage collection"', async () => {
  v8.setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const live: unknown[] = [];
  let found: Delay | undefined;
  // Allocate objects until a collection takes longer than the threshold on this machine.
  while (!found && live.length < 64) {
    for (let part = 0; part < 4; part++) live.push(Array.from({ length: 200_000 }, (_, index) => ({ index })));
    // Only the collection is watched, not the allocation.
    found = (await delaysOf(collect, { thresholdMs: 40 })).find(({ cause }) => cause === 'garbage collection');
  }
  expect(found?.garbageCollectionMs).toBeGreaterThan(found!.durationMs / 2);
});
