import { expect, test, vi, onTestFinished } from 'vitest';
import { Component, component, inject, provides, token } from '@asphalt/core';
import { Deferred, problemOf, problemsOf, settled, startUntilIdle } from '@asphalt/test-support';

async function afterTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}

test('settled waits for chains of promises and for immediates', async () => {
  let hasRun = false;
  void afterTurns(4).then(() => (hasRun = true));
  await settled();
  expect(hasRun).toBe(true);
});

test('settled works with fake timers', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  await settled();
});

test('startUntilIdle returns while the start waits, with its outcome later', async () => {
  const deferred = new Deferred();
  class App extends Component {
    override async start(): Promise<void> {
      await deferred.promise;
    }
  }
  const { app, outcome, start } = await startUntilIdle(App);
  expect([app.state, outcome]).toEqual(['starting', {}]);
  deferred.resolve();
  await start;
  expect([app.state, outcome]).toEqual(['started', { started: true }]);
  await app.stop();
});

test('startUntilIdle returns the error of a failed start', async () => {
  class App extends Component {
    override start(): void {
      throw new Error('no');
    }
  }
  const { outcome } = await startUntilIdle(App);
  expect(outcome.error).toMatchObject({ code: 'ERR_COMPONENT_START' });
});

test('problemsOf returns the messages of all problems without line numbers', async () => {
  const clock = token<object>('Clock');
  class Reader extends Component {
    @inject(clock) readonly clock!: object;
  }
  @component({ components: { first: Reader, second: Reader } })
  class App extends Component {
    @provides(token<object>('Unused')) unused(): object {
      return {};
    }
  }
  const problems = await problemsOf(App);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain('settled.test.ts:LINE');
  await expect(problemOf(App)).rejects.toThrow('expected one problem, got 2');
  expect(await problemOf(Reader)).toContain('Clock');
});
