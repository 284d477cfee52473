import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const app = {
  'app.js': `
import { Component, component } from '@asphalt/core';

class Part extends Component {
  constructor() {
    super();
    for (const level of ['debug', 'info', 'warn', 'error']) this.logger[level]('Logged', { level });
  }
}

export class App extends Component {
  ready() {
    this.logger.info('Last words');
    console.log('ready');
  }
}
component({ components: { web: Part, sql: Part } })(App);

export class Crashing extends Component {
  ready() {
    this.logger.warn('About to crash');
    process.abort();
  }
}
`,
};

const neutral = (text: string): string => text.replace(/^\d\d:\d\d:\d\d\.\d{3} /gm, '');

describe('a log file', () => {
  test('receives each line at once instead of standard output, so a killed process has written all of them', async () => {
    const folder = appWith({
      ...app,
      'conf/asphalt.yaml':
        'component: { type: ../app.js:App }\nlogging: { level: warn, levels: { asphalt: info }, file: app.log }\n',
    });
    const running = await start(folder, ['run', 'conf/asphalt.yaml']).until('ready');
    const { signal, stdout, stderr } = await running.send('SIGKILL').ended;
    expect({ signal, stdout, stderr }).toEqual({ signal: 'SIGKILL', stdout: 'ready\n', stderr: '' });
    expect(
      neutral(readFileSync(join(folder, 'conf/app.log'), 'utf8'))
        .split('\n')
        .slice(0, 9),
    ).toMatchInlineSnapshot(`
      [
        "INFO  Running in development mode",
        "INFO  Starting application",
        "INFO  web: Logged level=info",
        "WARN  web: Logged level=warn",
        "ERROR web: Logged level=error",
        "INFO  sql: Logged level=info",
        "WARN  sql: Logged level=warn",
        "ERROR sql: Logged level=error",
        "INFO  Last words",
      ]
    `);
  });

  test('contains the lines before a crash of the process, as JSON in that format', async () => {
    const folder = appWith(app);
    const set = ['--set', 'component.type=./app.js:Crashing', '--set', 'logging={ format: json, file: app.log }'];
    expect((await asphalt(folder, ['run', ...set])).signal).toBe('SIGABRT');
    const last = readFileSync(join(folder, 'app.log'), 'utf8').trim().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ level: 'warn', msg: 'About to crash' });
  });

  test('keeps earlier lines', async () => {
    const folder = appWith({ ...app, 'app.log': 'of yesterday\n' });
    const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.file=app.log'];
    await (await start(folder, ['run', ...set]).until('ready')).send('SIGTERM').ended;
    expect(readFileSync(join(folder, 'app.log'), 'utf8')).toMatch(/^of yesterday\n.*Application stopped\n$/s);
  });

  test('that cannot be written fails before the start', async () => {
    const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.file=no/such/folder.log'];
    const { code, stdout, stderr } = await asphalt(appWith(app), ['run', ...set]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot write to the log file: Error: ENOENT: no such file or directory, open '<app>/no/such/folder.log'
        from         --set
        help         name a file in an existing folder that you may write to
        code         ERR_LOG_FILE
      "
    `);
  });

  test.skipIf(!existsSync('/dev/full'))('on a full disk stops the application with the reason', async () => {
    const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.file=/dev/full'];
    const { code, stderr } = await asphalt(appWith(app), ['run', ...set]);
    expect(code).toBe(1);
    expect(stderr).toContain('ENOSPC');
  });
});

describe('levels', () => {
  test('use `asphalt` for the application, alone and before the path of a component', async () => {
    const levels = '{ asphalt: silent, asphalt.sql: warn, web: error }';
    const set = ['--set', 'component.type=./app.js:App', '--set', `logging={ levels: ${levels} }`];
    const running = await start(appWith(app), ['run', ...set]).until('ready');
    expect((await running.send('SIGTERM').ended).stdout).toMatchInlineSnapshot(`
      "ERROR web: Logged level=error
      WARN  sql: Logged level=warn
      ERROR sql: Logged level=error
      ready
      "
    `);
  });
});

test('the configured format applies in production too', async () => {
  const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.format=pretty'];
  const running = await start(appWith(app), ['run', ...set], { env: { NODE_ENV: 'production' } }).until('ready');
  expect((await running.send('SIGTERM').ended).stdout).toContain('INFO  Running in production mode');
});
