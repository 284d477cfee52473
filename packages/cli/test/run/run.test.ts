import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';
import { noTerminal, TerminalProcess } from '../pseudo-terminal.ts';

useAsphalt();

const greeter = {
  'asphalt.yaml': 'component:\n  type: ./app.ts:Greeter\n  whom: file\n',
  'app.ts': `
import { Component, component, defineConfig, inject, provides } from '@asphalt/core';

const options = defineConfig({ whom: { doc: 'Who is greeted', format: 'string', default: 'stranger' } });

class Greeting {
  constructor(readonly text: string) {}
}

@component()
class Greetings extends Component {
  @provides(Greeting)
  async *greeting(): AsyncGenerator<Greeting> {
    yield new Greeting('Hello');
    this.logger.info('Goodbye');
  }
}

@component({ config: options, components: { greetings: Greetings } })
export class Greeter extends Component<typeof options> {
  @inject(Greeting) readonly greeting!: Greeting;

  override start(): void {
    this.logger.info(\`\${this.greeting.text}, \${this.config.whom}\`);
  }
}
`,
};

describe('an application', () => {
  test('runs until a signal, even without further work, and ends with code 0', async () => {
    const running = await start(appWith(greeter), ['run', 'asphalt.yaml']).until('Application started');
    const { code, signal, stdout, stderr } = await running.send('SIGINT').ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "INFO  Running in development mode
      INFO  Starting application
      INFO  Hello, file
      INFO  Application started: 2 components in <time>
      INFO  Received signal (Interrupt) – terminating application
      INFO  greetings: Goodbye
      INFO  Application stopped
      "
    `);
  });

  test('ends with code 0 after SIGTERM, even with an active timer', async () => {
    const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  start() {
    setInterval(() => undefined, 1000);
  }
}
`;
    const running = start(appWith({ 'app.js': app }), ['run', '--set', 'component.type=./app.js:App']);
    const { code, stdout } = await (await running.until('Application started')).send('SIGTERM').ended;
    expect(code).toBe(0);
    expect(stdout).toContain('Received signal (Terminated)');
  });

  test('is torn down and ends with code 1 after a signal during the start', async () => {
    const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  async start(abort) {
    this.context.onTeardown(() => console.log('torn down'));
    console.log('starting');
    const busy = setInterval(() => undefined, 1000);
    await new Promise((resolve) => abort.addEventListener('abort', resolve));
    clearInterval(busy);
  }
}
`;
    const running = start(appWith({ 'app.js': app }), ['run', '--set', 'component.type=./app.js:App']);
    const { code, stdout, stderr } = await (await running.until('starting')).send('SIGINT').ended;
    expect(code).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "INFO  Running in development mode
      INFO  Starting application
      starting
      INFO  Received signal (Interrupt) – terminating application
      torn down
      INFO  Application stopped
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "The application was stopped by SIGINT before it had started
        code         ERR_START_CANCELLED
      "
    `);
  });

  test('that does not stop is ended immediately by a second signal, with code 130', async () => {
    const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  async *ready() {
    yield;
    console.log('stopping');
    await new Promise((resolve) => setTimeout(resolve, 1e9));
  }
}
`;
    const running = start(appWith({ 'app.js': app }), ['run', '--set', 'component.type=./app.js:App']);
    await (await running.until('Application started')).send('SIGINT').until('stopping');
    // The first repetitions can count as the same signal.
    const insisting = setInterval(() => running.send('SIGINT'), 20);
    expect(await running.ended).toMatchObject({ code: 130, signal: null, stderr: '' });
    clearInterval(insisting);
  });

  test('that causes many uncaught errors prints the first one first', async () => {
    const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  ready() {
    setTimeout(() => {
      void Promise.reject(new Error('the database is gone'));
      for (let ms = 1; ms <= 20; ms++) setTimeout(() => { throw new Error('follow-up ' + ms); }, ms);
    }, 20);
  }
}
`;
    const { code, stderr } = await asphalt(appWith({ 'app.js': app }), ['run', '--set', 'component.type=./app.js:App']);
    expect(code).toBe(1);
    expect(stderr.split('\n')[0]).toBe('Uncaught Error: the database is gone');
  });

  test('that exceeds its start limit is aborted with code 1 and a report of the slow components', async () => {
    const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  async start() {
    await new Promise((resolve) => setTimeout(resolve, 1e9));
  }
}
`;
    const set = ['--set', 'component.type=./app.js:App', '--set', 'startTimeout=100ms', '--set', 'stopTimeout=100ms'];
    const { code, stdout, stderr } = await asphalt(appWith({ 'app.js': app }), ['run', ...set]);
    expect(code).toBe(1);
    expect(stdout).not.toContain('Application started');
    expect(stderr.replace(/for [\d.]+ s/, 'for <time>')).toMatchInlineSnapshot(`
      "The application did not start within 0.1 s
        waiting      (root) (App): starting for <time>
        help         find out why these components are slow, or raise the limit: startTimeout (0 means no limit)
        code         ERR_START_TIMEOUT
      "
    `);
  });
});

describe('an application whose terminal is closed', () => {
  /** Keeps a connection while it runs and records its end in a file, because its output is closed then. */
  const app = `
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Component } from '@asphalt/core';
const record = (text) => appendFileSync('end', text + '\\n');
process.on('exit', (code) => record('exit ' + code));
export class App extends Component {
  async *start(abort) {
    await once(connect('gate').unref(), 'connect');
    if (process.env.HANG) await Promise.race([once(abort, 'abort'), once(process.stdin, 'data')]);
    yield;
    this.logger.info('Logged after the terminal was closed');
    console.log('printed after the terminal was closed');
    record('torn down');
  }
}
`;

  test.skipIf(noTerminal).each([
    ['while it runs', {}, 'Application started', 'torn down\nexit 129\n'],
    ['while it starts', { HANG: '1' }, 'start()', 'torn down\nexit 1\n'],
  ])('%s is torn down in order', async (_, env, shown, end) => {
    const folder = appWith({ 'app.js': app, 'asphalt.yaml': 'component: { type: ./app.js:App }\n' });
    const server = createServer().listen(join(folder, 'gate'));
    onTestFinished(() => void server.close());
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const running = new TerminalProcess(folder, ['run', 'asphalt.yaml'], { columns: 80, rows: 24 }, env);
    const [connection] = await connected;
    await running.until((lines) => lines.some((line) => line.includes(shown)));
    running.close();
    await once(connection.resume(), 'close');
    expect(readFileSync(join(folder, 'end'), 'utf8')).toBe(end);
  });
});

describe('the configuration', () => {
  const greeted = async (
    files: Readonly<Record<string, string>>,
    args: string[],
    env: Record<string, string> = {},
  ): Promise<string> => {
    const running = await start(appWith({ ...greeter, ...files }), ['run', ...args], { env }).until(
      'Application started',
    );
    const { stdout } = await running.send('SIGTERM').ended;
    return /Hello, (.*)/.exec(stdout)?.[1] ?? stdout;
  };

  test('is overridden by later files, which --set overrides', async () => {
    const second = { 'second.json': '{ "component": { "whom": "second file" } }' };
    expect(await greeted(second, ['asphalt.yaml'])).toBe('file');
    expect(await greeted(second, ['asphalt.yaml', 'second.json'])).toBe('second file');
    expect(await greeted(second, ['asphalt.yaml', '--set', 'component.whom=a=b', 'second.json'])).toBe('a=b');
  });

  test('can consist of environment variables only', async () => {
    const env = { ASPHALT_SET_TYPE: 'component.type=./app.ts:Greeter', ASPHALT_SET_WHOM: 'component.whom=moon' };
    expect(await greeted({}, [], env)).toBe('moon');
  });

  test('can contain several services, from which one is selected', async () => {
    const services = {
      'services.yaml': `
services:
  default: { component: &greeter { type: ./app.ts:Greeter } }
  english: { component: { <<: *greeter, whom: world } }
  latin: { component: { <<: *greeter, whom: munde } }
`,
    };
    expect(await greeted(services, ['services.yaml'])).toBe('stranger');
    expect(await greeted(services, ['-s', 'latin', 'services.yaml'])).toBe('munde');
    expect(await greeted(services, ['services.yaml'], { ASPHALT_SERVICE: 'english' })).toBe('world');
  });
});

describe('log lines', () => {
  const noisy = {
    'asphalt.yaml': `
component:
  type: ./app.js:App
  components: { web: { type: ./app.js:Part, components: { pool: { type: ./app.js:Pool } } }, sql: { type: ./app.js:Part } }
logging: { level: warn, levels: { web: error, web.pool: debug } }
`,
    'app.js': `
import { Component } from '@asphalt/core';
export class App extends Component {
  start() {
    throw new Error('Enough');
  }
}
export class Part extends Component {
  constructor() {
    super();
    for (const level of ['debug', 'info', 'warn', 'error']) this.logger[level]('Message', { level });
  }
}
export class Pool extends Part {}
`,
  };

  test('respect the level of the nearest ancestor that has one', async () => {
    const { stdout } = await asphalt(appWith(noisy), ['run', 'asphalt.yaml']);
    expect(stdout).toMatchInlineSnapshot(`
      "ERROR web: Message level=error
      DEBUG web.pool: Message level=debug
      INFO  web.pool: Message level=info
      WARN  web.pool: Message level=warn
      ERROR web.pool: Message level=error
      WARN  sql: Message level=warn
      ERROR sql: Message level=error
      "
    `);
  });

  test('are JSON in production and include the failure of the application', async () => {
    const { stdout } = await asphalt(appWith(noisy), ['run', 'asphalt.yaml', '--set', 'logging=error'], {
      env: { NODE_ENV: 'production' },
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ level, component, msg }) => ({ level, component, msg }))).toMatchInlineSnapshot(`
      [
        {
          "component": "web",
          "level": "error",
          "msg": "Message",
        },
        {
          "component": "web.pool",
          "level": "debug",
          "msg": "Message",
        },
        {
          "component": "web.pool",
          "level": "info",
          "msg": "Message",
        },
        {
          "component": "web.pool",
          "level": "warn",
          "msg": "Message",
        },
        {
          "component": "web.pool",
          "level": "error",
          "msg": "Message",
        },
        {
          "component": "sql",
          "level": "error",
          "msg": "Message",
        },
        {
          "component": undefined,
          "level": "error",
          "msg": "The root component (App) failed to start: Error: Enough",
        },
      ]
    `);
    expect(lines.at(-1)?.['err']).toMatchObject({ type: 'ComponentStartError', cause: { message: 'Enough' } });
  });

  test('are not written with unknown levels or components: the setting is rejected before the start', async () => {
    const files = { ...noisy, 'more.yaml': 'logging:\n  levels:\n    web.poool: debug\n' };
    const { code, stdout, stderr } = await asphalt(appWith(files), ['run', 'asphalt.yaml', 'more.yaml']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatchInlineSnapshot(`
      "\`logging.levels.web\\.poool\` names an unknown component
        from         more.yaml:3:5
                     3 │     web.poool: debug
                       │     ^
        help         did you mean \`web.pool\`?
        code         ERR_CONFIG_INVALID
      "
    `);
    const wrong = ['run', 'asphalt.yaml', '--set', 'logging=10'];
    expect(await asphalt(appWith(files), wrong)).toMatchInlineSnapshot(`
      {
        "code": 1,
        "signal": null,
        "stderr": "\`logging.level\` must be one of "debug", "info", "warn", "error", "silent", got 10
        from         --set (overrides asphalt.yaml:5:12)
        help         levels have names: write "debug" for pino's 10
        code         ERR_CONFIG_INVALID
      ",
        "stdout": "INFO  Running in development mode
      ",
      }
    `);
  });
});
