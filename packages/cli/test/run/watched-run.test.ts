import { expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

/** Blocks when it has been watched for long enough, then asks to be ended. */
const app = `
  import { Component, component, task } from '@asphalt/core';

  interface Lines { that: 'are gone when this runs' }

  function crunch(): void {
    const end = Date.now() + 600;
    while (Date.now() < end);
  }

  @component()
  class Reports extends Component {
    @task()
    async work(abort: AbortSignal): Promise<void> {
      await watched();
      crunch();
      await new Promise((resolve) => setTimeout(resolve, 200));
      process.kill(process.pid, 'SIGTERM');
    }
  }

  @component({ components: { reports: Reports } })
  export class App extends Component {}

  /** The watchdog's first act in this thread is to leave a function for the other one. */
  async function watched(): Promise<void> {
    const latest = Date.now() + Number(process.env['PATIENCE'] ?? 10_000);
    while (!(Symbol.for('@asphalt/watchdog/component') in globalThis) && Date.now() < latest)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
`;
/** Blocks before it has started, and ends when it has. */
const blockingStart = app
  .replace('async work(abort: AbortSignal)', 'async work()')
  .replace(/await watched\(\);[^]*?process\.kill/, 'process.kill')
  .replace('@task()', 'override async start(): Promise<void> { await null; crunch(); }\n\n    @task()');

const files = { 'app.ts': app, 'app.yaml': 'component: { type: ./app.ts:App }' };

const blocked =
  /WARN {2}crunch\(\) at app\.ts:\d+, of component `reports` \(Reports\), blocked the event loop for \d+ ms\n/;

test('code that blocks is named on the log, and the application goes on', async () => {
  const { code, stdout } = await asphalt(appWith(files), ['run', 'app.yaml']);
  expect(stdout).toMatch(blocked);
  expect(stdout).toContain('Received signal (Terminated)');
  expect(code).toBe(0);
});

test('code that blocks for longer than it may ends the application with exit code 1', async () => {
  const { code, stderr } = await asphalt(appWith(files), ['run', 'app.yaml', '--fail-on-blocking', '200ms']);
  expect(stderr.replace(/blocked for \d+ ms/, 'blocked for 600 ms').replace(/app\.ts:\d+/g, 'app.ts:<line>'))
    .toMatchInlineSnapshot(`
    "The event loop was blocked for 600 ms, the limit is 200 ms
      by           crunch() at app.ts:<line>
      of           component \`reports\` (Reports)
      called by    work() at app.ts:<line>
      help         do the work in a thread: @asphalt/threads
                   or split the work, and await between the parts
      code         ERR_BLOCKING
    "
  `);
  expect(code).toBe(1);
});

test('code that blocks while components start is found as well, where it may not block', async () => {
  const { code, stderr } = await asphalt(appWith({ ...files, 'app.ts': blockingStart }), [
    'run',
    'app.yaml',
    '--fail-on-blocking',
    '200ms',
  ]);
  expect(stderr).toMatch(/^The event loop was blocked for \d+ ms, the limit is 200 ms$/m);
  expect(stderr).toMatch(/^ {2}by {11}crunch\(\) at app\.ts:\d+$/m);
  expect(stderr).toMatch(/^ {2}of {11}component `reports` \(Reports\)$/m);
  expect(code).toBe(1);
});

test('a package that takes long to load while components start is let pass', async () => {
  const { code, stdout, stderr } = await asphalt(
    appWith({
      'app.ts': blockingStart.replace('crunch();', "await import('heavy');"),
      'node_modules/heavy/package.json': '{ "type": "module", "exports": "./index.js" }',
      'node_modules/heavy/index.js': 'const end = Date.now() + 600; while (Date.now() < end);',
      'app.yaml': files['app.yaml'],
    }),
    ['run', 'app.yaml', '--fail-on-blocking', '200ms'],
  );
  expect(stderr).toBe('');
  expect(stdout).toContain('Application started');
  expect(code).toBe(0);
});

test('code that blocks for less is only named', async () => {
  const { code, stdout } = await asphalt(appWith(files), ['run', 'app.yaml', '--fail-on-blocking', '100s']);
  expect(stdout).toMatch(blocked);
  expect(code).toBe(0);
});

test('in production nothing is watched unless it is asked for', async () => {
  const production = { env: { NODE_ENV: 'production', PATIENCE: '500' } };
  const quiet = await asphalt(appWith(files), ['run', 'app.yaml'], production);
  expect(quiet.stdout).not.toContain('blocked the event loop');
  const asked = await asphalt(appWith(files), ['run', 'app.yaml', '--watchdog', '50ms'], {
    env: { NODE_ENV: 'production' },
  });
  expect(asked.stdout).toContain('blocked the event loop');
});

test('the watchdog can be left out', async () => {
  const env = { PATIENCE: '500' };
  const { code, stdout } = await asphalt(appWith(files), ['run', 'app.yaml', '--no-watchdog'], { env });
  expect(stdout).not.toContain('blocked the event loop');
  expect(code).toBe(0);
});

test.each([
  ['--fail-on-blocking', '2x'],
  ['--fail-on-blocking', '1ms'],
  ['--watchdog', 'soon'],
])('%s %s is refused', async (option, value) => {
  const { code, stderr } = await asphalt(appWith(files), ['run', 'app.yaml', option, value]);
  expect(stderr).toContain('it must be a duration of 10ms or more, such as 200ms or 1s');
  expect(code).toBe(2);
});
