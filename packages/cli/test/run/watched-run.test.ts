import { expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

/** Blocks once the watchdog is active, then sends itself SIGTERM. */
const app = `
  import { Component, component, task } from '@asphalt/core';

  interface Lines { removed: 'when this is compiled' }

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

  /** Waits for the watchdog, which first sets a global function in this thread. */
  async function watched(): Promise<void> {
    const latest = Date.now() + Number(process.env['PATIENCE'] ?? 10_000);
    while (!(Symbol.for('@asphalt/watchdog/component') in globalThis) && Date.now() < latest)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
`;
/** Blocks while it starts, and ends after the start. */
const blockingStart = app
  .replace('async work(abort: AbortSignal)', 'async work()')
  .replace(/await watched\(\);[^]*?process\.kill/, 'process.kill')
  .replace('@task()', 'override async start(): Promise<void> { await null; crunch(); }\n\n    @task()');

const files = { 'app.ts': app, 'app.yaml': 'component: { type: ./app.ts:App }' };

const blocked =
  /WARN {2}crunch\(\) at app\.ts:\d+, of component `reports` \(Reports\), blocked the event loop for \d+ ms\n/;

test('blocking code is logged and the application continues', async () => {
  const { code, stdout } = await asphalt(appWith(files), ['run', 'app.yaml']);
  expect(stdout).toMatch(blocked);
  expect(stdout).toContain('Received signal (Terminated)');
  expect(code).toBe(0);
});

test('blocking code above the limit ends the application with exit code 1', async () => {
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

test('with --fail-on-blocking, code that blocks during the start ends the application too', async () => {
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

test('a package that loads slowly during the start does not end the application', async () => {
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

test('blocking code below the limit is only logged', async () => {
  const { code, stdout } = await asphalt(appWith(files), ['run', 'app.yaml', '--fail-on-blocking', '100s']);
  expect(stdout).toMatch(blocked);
  expect(code).toBe(0);
});

test('in production the watchdog runs only with --watchdog', async () => {
  const production = { env: { NODE_ENV: 'production', PATIENCE: '500' } };
  const quiet = await asphalt(appWith(files), ['run', 'app.yaml'], production);
  expect(quiet.stdout).not.toContain('blocked the event loop');
  const asked = await asphalt(appWith(files), ['run', 'app.yaml', '--watchdog', '50ms'], {
    env: { NODE_ENV: 'production' },
  });
  expect(asked.stdout).toContain('blocked the event loop');
});

test('--no-watchdog disables the watchdog', async () => {
  const env = { PATIENCE: '500' };
  const { code, stdout } = await asphalt(appWith(files), ['run', 'app.yaml', '--no-watchdog'], { env });
  expect(stdout).not.toContain('blocked the event loop');
  expect(code).toBe(0);
});

test.each([
  ['--fail-on-blocking', '2x'],
  ['--fail-on-blocking', '1ms'],
  ['--watchdog', 'soon'],
])('%s %s is rejected', async (option, value) => {
  const { code, stderr } = await asphalt(appWith(files), ['run', 'app.yaml', option, value]);
  expect(stderr).toContain('Expected a duration of at least 10ms, such as 200ms or 1s');
  expect(code).toBe(2);
});
