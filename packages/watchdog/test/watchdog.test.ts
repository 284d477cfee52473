import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Component, component, startApplication, type Application } from '@asphalt/core';
import { expect, onTestFinished, test } from 'vitest';
import { delayText, Watchdog, type Delay, type WatchdogOptions } from '../src/index.ts';
import { crunch, Cruncher } from './crunch.ts';
import { nextLook } from './next-look.ts';

const crunchFile = fileURLToPath(new URL('./crunch.ts', import.meta.url));

/** The number of the line that ends with this comment. */
function lineOf(file: string, comment: string): number {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.endsWith(`// ${comment}`)) + 1
  );
}

/** The delays that a watchdog tells of while something runs. */
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

test('code that blocks is named by function, file and line of its source', async () => {
  const delay = await delayOf(() => new Cruncher().run());
  expect(delay).toMatchObject({ cause: 'code', count: 1, component: undefined });
  expect(delay.place).toMatchObject({ function: 'crunch', file: crunchFile, line: lineOf(crunchFile, 'crunch') });
  const [, ...callers] = delay.stack.filter(({ file }) => file === crunchFile);
  expect(callers[0]).toMatchObject({ function: 'inner', line: lineOf(crunchFile, 'inner') });
  expect(callers[1]).toMatchObject({ function: 'run' });
  expect(delay.durationMs).toBeGreaterThanOrEqual(100);
});

test('where a loop calls one thing after the other, the loop is named', async () => {
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

test('a delay is looked into that comes soon after a long one', { timeout: 60_000 }, async () => {
  const block = (): void => {
    const end = Date.now() + 250;
    while (Date.now() < end);
  };
  const causes: string[] = [];
  // A machine that is busy with other things may spoil some of them.
  for (let round = 0; round < 3 && !causes.includes('code'); round++) {
    const [, soonAfter] = await delaysOf(
      async () => {
        // Each look is twice as late as the one before.
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
  // A machine that is busy with other things may spoil some of them.
  for (let round = 0; round < 20 && counts.length < 3; round++) {
    crunch();
    await watchdog.settled();
  }
  expect(counts).toEqual([1, 2, 3]);
});

test('an event loop that comes round is left in peace', async () => {
  const delays = await delaysOf(
    async () => {
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    },
    { thresholdMs: 10_000 },
  );
  expect(delays).toEqual([]);
});

test('the component is named whose method blocks', async () => {
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

test('where no method of a component blocks, the component is named whose class stands beside the code', async () => {
  @component()
  class Neighbour extends Component {}
  function helper(): void {
    crunch();
  }
  const delay = await delayOf(() => helper(), { application: await started(Neighbour, 'web') });
  expect(delay.component).toEqual({ path: 'web', type: 'Neighbour' });
});

/** An application with one component, whose root stands in another file as far as the watchdog can see. */
async function started(type: new () => Component, alias: string): Promise<Pick<Application, 'plan'>> {
  const { appWith } = await import('./app-with.ts');
  const application = await startApplication(appWith({ [alias]: type }));
  onTestFinished(() => application.stop());
  return application;
}

test('a long garbage collection is told apart from code', async () => {
  v8.setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const live: unknown[] = [];
  let found: Delay | undefined;
  // As much as it takes on this machine until cleaning up takes longer than the threshold.
  while (!found && live.length < 64) {
    for (let part = 0; part < 4; part++) live.push(Array.from({ length: 200_000 }, (_, index) => ({ index })));
    // The making of the objects is no business of this test.
    found = (await delaysOf(collect, { thresholdMs: 40 })).find(({ cause }) => cause === 'garbage collection');
  }
  expect(found?.garbageCollectionMs).toBeGreaterThan(found!.durationMs / 2);
});
