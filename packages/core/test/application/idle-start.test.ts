import { component, Component, token } from '@asphalt/core';
import { Deferred, recordingLogger, startUntilIdle } from '@asphalt/test-support';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const [A, B] = [token<string>('A'), token<string>('B')];

/** The real performance.now() would make the durations in the messages 0.0 s. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const { logger, lines } = recordingLogger();
const takeWarnings = (): string[] =>
  lines
    .splice(0)
    .filter(({ level }) => level === 'warn')
    .map(({ message }) => message);

class WaitsForA extends Component {
  override async start(): Promise<void> {
    await this.context.getResource(A, 'main');
  }
}

test('a start whose components all wait for resources logs them once after two seconds', async () => {
  class WaitsForB extends Component {
    override async start(): Promise<void> {
      await this.context.getResource(B);
    }
  }
  @component({ components: { one: WaitsForA, two: WaitsForB } })
  class App extends Component {}
  const { app, start } = await startUntilIdle(App, { logger });
  await vi.advanceTimersByTimeAsync(2000);
  expect(takeWarnings()).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(takeWarnings()).toEqual([
    'Every unstarted component has been waiting for a resource for 2 s\n' +
      'one (WaitsForA): waiting for `A "main"` for 3.0 s\n' +
      'two (WaitsForB): waiting for `B` for 3.0 s',
  ]);
  await app.stop();
  await start;
  expect(vi.getTimerCount()).toBe(0);
});

test('a start logs no waiting components while the code of a component runs', async () => {
  const gate = new Deferred();
  class Works extends Component {
    override async start(): Promise<void> {
      await gate.promise;
    }
  }
  @component({ components: { waits: WaitsForA, works: Works } })
  class App extends Component {}
  const { app, start } = await startUntilIdle(App, { logger });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(takeWarnings()).toEqual([]);
  gate.resolve();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(takeWarnings()).toHaveLength(1);
  await app.stop();
  await start;
});

test('a start logs no waiting components if each of them soon waits for another resource', async () => {
  const names = ['first', 'second', 'third', 'fourth'];
  class WaitsOften extends Component {
    override async start(): Promise<void> {
      for (const name of names) await this.context.getResource(A, name);
    }
  }
  @component({ components: { waits: WaitsOften } })
  class App extends Component {}
  const { app, outcome, start } = await startUntilIdle(App, { logger });
  for (const name of names) {
    await vi.advanceTimersByTimeAsync(1500);
    app.context.addResource(A, name, { name });
  }
  await start;
  expect(outcome).toEqual({ started: true });
  expect(takeWarnings()).toEqual([]);
  await app.stop();
  expect(vi.getTimerCount()).toBe(0);
});
