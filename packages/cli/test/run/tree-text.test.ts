import { settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { Application, Component, component } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { StartStatus } from '../../src/run/start-status.ts';
import { treeLines } from '../../src/run/tree-text.ts';
import { painter } from '../../src/terminal/paint.ts';

test('a running component shows its progress text, without control sequences and shortened to the terminal', async () => {
  class Redis extends Component {
    override async start(abort: AbortSignal): Promise<void> {
      this.context.progress('\x1b[2J127.0.0.1:6379: connection refused, attempt 7');
      await new Promise((_, reject) => abort.addEventListener('abort', () => reject(abort.reason as Error)));
    }
  }
  @component({ components: { redis: Redis } })
  class App extends Component {}
  const app = new Application(await planApplication(App));
  const status = new StartStatus(app.plan);
  app.lifecycle.subscribe((event) => status.take(event));
  const started = app.start().catch(() => undefined);
  await settled();
  const linesFor = (columns: number): string[] =>
    treeLines(status, status.components[1]!.beganAt! + 2000, { columns, rows: 20 }, painter(false)).slice(2);
  expect([...linesFor(100), ...linesFor(50)].map((line) => line.replace(/[⠀-⣿]/, '*'))).toEqual([
    '└─ * redis  start(): \\x1b[2J127.0.0.1:6379: connection refused, attempt 7  2.00 s',
    '└─ * redis  start(): \\x1b[2J127.0.0.1:63…  2.00 s',
  ]);
  await app.stop();
  await started;
});
