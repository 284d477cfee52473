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
    for (const level of ['debug', 'info', 'warn', 'error']) this.logger[level]('Said', { level });
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
  test('takes the lines instead of standard output, each at once: also what is killed has written all of them', async () => {
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
        "INFO  web: Said level=info",
        "WARN  web: Said level=warn",
        "ERROR web: Said level=error",
        "INFO  sql: Said level=info",
        "WARN  sql: Said level=warn",
        "ERROR sql: Said level=error",
        "INFO  Last words",
      ]
    `);
  });

  test('holds the last words before a crash of the whole process, as JSON where that is the format', async () => {
    const folder = appWith(app);
    const set = ['--set', 'component.type=./app.js:Crashing', '--set', 'logging={ format: json, file: app.log }'];
    expect((await asphalt(folder, ['run', ...set])).signal).toBe('SIGABRT');
    const last = readFileSync(join(folder, 'app.log'), 'utf8').trim().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ level: 'warn', msg: 'About to crash' });
  });

  test('is appended to', async () => {
    const folder = appWith({ ...app, 'app.log': 'of yesterday\n' });
    const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.file=app.log'];
    await (await start(folder, ['run', ...set]).until('ready')).send('SIGTERM').ended;
    expect(readFileSync(join(folder, 'app.log'), 'utf8')).toMatch(/^of yesterday\n.*Application stopped\n$/s);
  });

  test('that cannot be written is refused before anything starts', async () => {
    const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.file=no/such/folder.log'];
    const { code, stdout, stderr } = await asphalt(appWith(app), ['run', ...set]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot write to the log file: Error: ENOENT: no such file or directory, open '<app>/no/such/folder.log'
        from         --set
        help         name a file in a folder that is there and may be written to
        code         ERR_LOG_FILE
      "
    `);
  });

  test.skipIf(!existsSync('/dev/full'))('on a disk that is full stops the application, which says why', async () => {
    const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.file=/dev/full'];
    const { code, stderr } = await asphalt(appWith(app), ['run', ...set]);
    expect(code).toBe(1);
    expect(stderr).toContain('ENOSPC');
  });
});

describe('levels', () => {
  test('may call the application `asphalt`, alone and before the path of a component', async () => {
    const levels = '{ asphalt: silent, asphalt.sql: warn, web: error }';
    const set = ['--set', 'component.type=./app.js:App', '--set', `logging={ levels: ${levels} }`];
    const running = await start(appWith(app), ['run', ...set]).until('ready');
    expect((await running.send('SIGTERM').ended).stdout).toMatchInlineSnapshot(`
      "ERROR web: Said level=error
      WARN  sql: Said level=warn
      ERROR sql: Said level=error
      ready
      "
    `);
  });
});

test('the format is that which is said, wherever it runs', async () => {
  const set = ['--set', 'component.type=./app.js:App', '--set', 'logging.format=pretty'];
  const running = await start(appWith(app), ['run', ...set], { env: { NODE_ENV: 'production' } }).until('ready');
  expect((await running.send('SIGTERM').ended).stdout).toContain('INFO  Running in production mode');
});
