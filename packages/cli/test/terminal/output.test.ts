import { existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const run = ['run', '--set', 'component.type=./app.js:App'];
const count = 20_000;

test('no log line is lost when the process exits at once', async () => {
  const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  start() {
    for (let i = 1; i <= ${count}; i++) this.logger.info('line ' + i + ' ' + '.'.repeat(100));
    process.exit(7);
  }
}
`;
  const { code, stdout } = await asphalt(appWith({ 'app.js': app }), run);
  expect(code).toBe(7);
  // Told by its end: the difference of texts of this length takes for ever.
  expect(stdout.slice(-1000)).toContain(`line ${count} `);
});

test('text that the application prints is complete, and no log line tears it', async () => {
  const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  start() {
    console.log('x'.repeat(1_000_000));
    this.logger.info('after it');
    throw new Error('The end');
  }
}
`;
  const { code, stdout } = await asphalt(appWith({ 'app.js': app }), run);
  expect(code).toBe(1);
  expect(stdout.replace(/x+/g, (letters) => `<${letters.length}>`)).toMatchInlineSnapshot(`
    "INFO  Running in development mode
    INFO  Starting application
    <1000000>
    INFO  after it
    INFO  Application stopped
    "
  `);
});

const ticking = (tick: string): string => `
import { Component } from '@asphalt/core';
export class App extends Component {
  async *start() {
    const timer = setInterval(() => { ${tick} }, 5);
    yield;
    clearInterval(timer);
    process.stderr.write('torn down\\n');
  }
}
`;

test.each(['this.logger.info("tick")', 'console.log("tick")'])(
  'an application without a reader is stopped without a message: %s',
  async (tick) => {
    const running = await start(appWith({ 'app.js': ticking(tick) }), run).until('tick');
    expect(await running.closeOutput().ended).toMatchObject({ code: 0, signal: null, stderr: 'torn down\n' });
  },
);

test.skipIf(!existsSync('/dev/full'))(
  'an application whose log cannot be written is stopped with the reason',
  async () => {
    const folder = appWith({ 'app.js': ticking('') });
    const { code, stderr } = await asphalt(folder, run, { stdout: openSync('/dev/full', 'w') });
    expect(code).toBe(1);
    expect(stderr).toContain('ENOSPC');
  },
);

test('help without a reader is no error', async () => {
  expect(await start(appWith({}), ['--help']).closeOutput().ended).toMatchObject({ code: 0, signal: null, stderr: '' });
});

test('output that is no terminal has no colors', async () => {
  const { stdout, stderr } = await asphalt(appWith({ 'app.js': 'export class App { start() { throw 1; } }' }), run);
  expect(stdout + stderr).toContain('threw a non-Error value: 1');
  expect(stdout + stderr).not.toContain('\u001b');
});
