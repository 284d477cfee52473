import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt, type Ended } from '../asphalt-process.ts';

useAsphalt();

/** A component that prints its start and teardown. */
const sibling = `
import { Component, component } from '@asphalt/core';

@component()
export class Sibling extends Component {
  override async *start(): AsyncGenerator<void> {
    console.log('sibling started');
    const error: unknown = yield;
    console.log(\`sibling torn down after \${(error as Error).name}\`);
  }
}
`;

/** Runs an application that is expected to fail. */
async function failing(files: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const ended = await asphalt(appWith(files), ['run', 'asphalt.yaml', ...args]);
  expect(ended.code).toBe(1);
  return ended;
}

describe('a fault of the application is reported before anything starts', () => {
  test('a missing provider', async () => {
    const { stdout, stderr } = await failing({
      'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
      'app.ts': `
import { Component, component, inject, provides } from '@asphalt/core';
import { Sibling } from './sibling.ts';

abstract class Mailer {
  abstract send(text: string): void;
}

@component()
class MailerComponent extends Component {
  @provides(Mailer, { name: 'bulk' })
  mailer(): Mailer {
    return { send: () => undefined };
  }
}

@component({ components: { sibling: Sibling, mailer: MailerComponent } })
export class App extends Component {
  @inject(Mailer) readonly mailer!: Mailer;
}
`,
      'sibling.ts': sibling,
    });
    expect(stdout).toBe('INFO  Running in development mode\n');
    expect(stderr).toMatchInlineSnapshot(`
      "No component provides \`Mailer\`
        required by  the root component (App), \`mailer\`
        declared at  app.ts:19
        note         a \`Mailer\` named "bulk" is provided by component \`mailer\` (MailerComponent)
        help         ask for it by name: @inject(Mailer, 'bulk')
                     or add a component that provides a \`Mailer\` named "default"
        code         ERR_PROVIDER_MISSING
      "
    `);
  });

  test('a cycle', async () => {
    const { stdout, stderr } = await failing({
      'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
      'app.ts': `
import { Component, component, inject, provides } from '@asphalt/core';
import { Sibling } from './sibling.ts';

class Users {}
class Tokens {}

@component()
class UsersComponent extends Component {
  @provides(Users)
  users(@inject(Tokens) _tokens: Tokens): Users {
    return new Users();
  }
}

@component()
class TokensComponent extends Component {
  @provides(Tokens)
  tokens(@inject(Users) _users: Users): Tokens {
    return new Tokens();
  }
}

@component({ components: { sibling: Sibling, users: UsersComponent, tokens: TokensComponent } })
export class App extends Component {}
`,
      'sibling.ts': sibling,
    });
    expect(stdout).toBe('INFO  Running in development mode\n');
    expect(stderr).toMatchInlineSnapshot(`
      "Two components depend on each other and can never start
          ╭─▶ component \`users\` (UsersComponent), \`users()\` parameter 1, needs \`Tokens\`, provided by component \`tokens\` (TokensComponent)
          │     at app.ts:11
          │     ▼
          │   component \`tokens\` (TokensComponent), \`tokens()\` parameter 1, needs \`Users\`, provided by component \`users\` (UsersComponent)
          │     at app.ts:19
          ╰─────╯
        help         defer one need: @inject(Tokens, { deferred: true }) on \`users()\` parameter 1 of UsersComponent
                     or defer one need: @inject(Users, { deferred: true }) on \`tokens()\` parameter 1 of TokensComponent
        code         ERR_DEPENDENCY_CYCLE
      "
    `);
  });

  test('all invalid options with their places', async () => {
    const { stdout, stderr } = await failing(
      {
        'asphalt.yaml': `
component:
  type: ./app.ts:App
  components:
    sibling: {}
    http:
      prot: 8080
      port: 80a
`,
        'app.ts': `
import { Component, component, defineConfig } from '@asphalt/core';
import { Sibling } from './sibling.ts';

const options = defineConfig({
  host: { doc: 'Where to listen', format: 'string', required: true },
  port: { doc: 'Where to listen', format: 'port', default: 80 },
  every: { doc: 'How often to look', format: 'duration', default: '1s' },
});

@component({ config: options })
class Http extends Component<typeof options> {}

@component({ components: { sibling: Sibling, http: Http } })
export class App extends Component {}
`,
        'sibling.ts': sibling,
      },
      '--set',
      'component.components.http.every=often',
    );
    expect(stdout).toBe('INFO  Running in development mode\n');
    expect(stderr).toMatchInlineSnapshot(`
      "The application cannot start: 4 problems
        1. \`component.components.http.prot\` is not a known option
             from         asphalt.yaml:7:7
                          7 │       prot: 8080
                            │       ^
             help         did you mean \`component.components.http.port\`?
             code         ERR_CONFIG_INVALID
        2. \`component.components.http.host\` is required
             help         set it in a configuration file, or with --set component.components.http.host=…
             code         ERR_CONFIG_INVALID
        3. \`component.components.http.port\` must be a whole number from 0 to 65535, got "80a"
             from         asphalt.yaml:8:7
                          8 │       port: 80a
                            │       ^
             code         ERR_CONFIG_INVALID
        4. \`component.components.http.every\` must be a duration such as "250ms", "10s" or "5m", got "often"
             from         --set
             code         ERR_CONFIG_INVALID
        code         ERR_PLAN
      "
    `);
  });
});

describe('a failure during the start tears down the started components', () => {
  test('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { stdout, stderr } = await failing(
      {
        'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
        'app.ts': `
import { Component, component } from '@asphalt/core';
import { WebComponent } from '@asphalt/web';
import { Sibling } from './sibling.ts';

@component({ components: { sibling: Sibling, web: WebComponent } })
export class App extends Component {}
`,
        'sibling.ts': sibling,
      },
      '--set',
      `component.components.web.port=${port}`,
    );
    server.close();
    expect(stdout).toMatchInlineSnapshot(`
      "INFO  Running in development mode
      INFO  Starting application
      sibling started
      sibling torn down after ComponentStartError
      INFO  Application stopped
      "
    `);
    expect(stderr.replaceAll(String(port), '<port>').replace(/port=\d+/, 'port=<another>')).toMatchInlineSnapshot(`
      "Port <port> on 127.0.0.1 is already in use
        called in    ready() of component \`web\` (WebComponent)
        path         App › web (WebComponent)
        cause        ERR_WEB_LISTEN
        help         stop the other program
                     or choose another port: --set component.components.web.port=<another>
        code         ERR_COMPONENT_START
      "
    `);
  });

  test('an error of the application, with its stack and that of its cause', async () => {
    const { stdout, stderr } = await failing({
      'asphalt.yaml': 'component: { type: ./src/app.ts:App }\n',
      'src/app.ts': `
import { Component, component } from '@asphalt/core';
import { Sibling } from './sibling.ts';

interface Settings {
  readonly limits?: { readonly most: number };
}

@component()
class Reports extends Component {
  override async start(): Promise<void> {
    await Promise.resolve();
    this.read({});
  }

  read(settings: Settings): number {
    try {
      return settings.limits!.most;
    } catch (cause) {
      throw new TypeError('The reports need limits', { cause });
    }
  }
}

@component({ components: { sibling: Sibling, reports: Reports } })
export class App extends Component {}
`,
      'src/sibling.ts': sibling,
    });
    expect(stdout).toMatchInlineSnapshot(`
      "INFO  Running in development mode
      INFO  Starting application
      sibling started
      sibling torn down after ComponentStartError
      INFO  Application stopped
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "Component \`reports\` (Reports) failed to start: TypeError: The reports need limits
        called in    start() of component \`reports\` (Reports)
        path         App › reports (Reports)
        code         ERR_COMPONENT_START

      TypeError: The reports need limits
          at Reports.read (src/app.ts:20:13)
          at Reports.start (src/app.ts:13:10)
      caused by TypeError: Cannot read properties of undefined (reading 'most')
          at Reports.read (src/app.ts:18:31)
          at Reports.start (src/app.ts:13:10)
      "
    `);
  });

  test('a start without anything left to wait for', async () => {
    const { stdout, stderr } = await failing({
      'asphalt.yaml': 'component: { type: ./app.ts:App, components: { stuck: { type: ./app.ts:Stuck } } }\n',
      'app.ts': `
import { Component, component } from '@asphalt/core';
export { Sibling } from './sibling.ts';

@component()
export class App extends Component {}

@component()
export class Stuck extends Component {
  override start(): Promise<void> {
    return new Promise(() => undefined);
  }
}
`,
      'sibling.ts': sibling,
    });
    expect(stdout).not.toContain('Application started');
    expect(stderr.replace(/for \d+\.\d s/, 'for <time>')).toMatchInlineSnapshot(`
      "The application can never start: the event loop is empty
        waiting      stuck (Stuck): starting for <time>
        help         find the promise that never settles in these components
        code         ERR_START_STALLED
      "
    `);
  });
});

test('an uncaught error stops a running application', async () => {
  const { stdout, stderr } = await failing({
    'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
    'app.ts': `
import { Component, component } from '@asphalt/core';
import { Sibling } from './sibling.ts';

@component({ components: { sibling: Sibling } })
export class App extends Component {
  override async ready(): Promise<void> {
    setImmediate(() => {
      throw new RangeError('Too late to be caught');
    });
  }
}
`,
    'sibling.ts': sibling,
  });
  expect(stdout).toMatchInlineSnapshot(`
    "INFO  Running in development mode
    INFO  Starting application
    sibling started
    INFO  Application started: 2 components in <time>
    sibling torn down after RangeError
    INFO  Application stopped
    "
  `);
  expect(stderr).toMatchInlineSnapshot(`
    "Uncaught RangeError: Too late to be caught
        at Immediate.<anonymous> (app.ts:9:13)
    "
  `);
});

describe('the error of a failed start', () => {
  const failingWith = async (body: string): Promise<string> => {
    const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  override async start(): Promise<void> {
    ${body}
  }
}
`;
    const { stderr } = await failing({ 'asphalt.yaml': 'component: { type: ./app.ts:App }\n', 'app.ts': app });
    return stderr;
  };

  test('is shown with the errors in an AggregateError', async () => {
    const body = "throw new AggregateError([new Error('first reason'), new Error('second reason')], 'both failed');";
    expect(await failingWith(body)).toMatchInlineSnapshot(`
      "The root component (App) failed to start: AggregateError: both failed
        called in    start() of the root component (App)
        code         ERR_COMPONENT_START

      AggregateError: both failed
          at App.start (app.ts:5:11)
        1. Error: first reason
               at App.start (app.ts:5:31)
        2. Error: second reason
               at App.start (app.ts:5:58)
      "
    `);
  });

  test('is shown with the reasons of Promise.any, which has no useful message', async () => {
    const body = "await Promise.any(['first', 'second'].map((reason) => Promise.reject(new Error(reason))));";
    expect(await failingWith(body)).toMatchInlineSnapshot(`
      "The root component (App) failed to start: AggregateError: All promises were rejected
        called in    start() of the root component (App)
        code         ERR_COMPONENT_START

      AggregateError: All promises were rejected
        1. Error: first
               at <anonymous> (app.ts:5:74)
               at App.start (app.ts:5:43)
        2. Error: second
               at <anonymous> (app.ts:5:74)
               at App.start (app.ts:5:43)
      "
    `);
  });

  test('is shown with the addresses that refused a connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    // Looks up two addresses, because a machine may have only one for its own name.
    const body = `
    const { connect } = await import('node:net');
    const addresses = [{ address: '127.0.0.1', family: 4 }, { address: '127.0.0.2', family: 4 }];
    const socket = connect({ host: 'two.example', port: ${port}, lookup: (_, _options, done) => done(null, addresses) });
    await new Promise((_, reject) => socket.on('error', reject));`;
    expect((await failingWith(body)).replaceAll(String(port), 'PORT')).toMatchInlineSnapshot(`
      "The root component (App) failed to start: AggregateError: connect ECONNREFUSED 127.0.0.1:PORT; connect ECONNREFUSED 127.0.0.2:PORT
        called in    start() of the root component (App)
        code         ERR_COMPONENT_START

      AggregateError [ECONNREFUSED]: 
        1. Error: connect ECONNREFUSED 127.0.0.1:PORT
        2. Error: connect ECONNREFUSED 127.0.0.2:PORT
      "
    `);
  });

  test('cannot control the terminal with its message', async () => {
    const body = "throw new Error('\\x1b[31m red \\x1b]0;title\\x07 \\u202e end', { cause: new Error('\\x1b[2J') });";
    const text = await failingWith(body);
    expect(text).toMatchInlineSnapshot(`
      "The root component (App) failed to start: Error: \\x1b[31m red \\x1b]0;title\\x07 \\u202e end
        called in    start() of the root component (App)
        code         ERR_COMPONENT_START

      Error: \\x1b[31m red \\x1b]0;title\\x07 \\u202e end
          at App.start (app.ts:5:11)
      caused by Error: \\x1b[2J
          at App.start (app.ts:5:74)
      "
    `);
    // oxlint-disable-next-line no-control-regex -- the test is about them
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
  });
});
