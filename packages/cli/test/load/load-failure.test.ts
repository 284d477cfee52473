import { cpSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

/** Returns the error output for a configuration that does not result in an application. */
async function errorOutput(files: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const { code, stderr } = await asphalt(appWith(files), ['run', 'asphalt.yaml', ...args]);
  expect(code).toBe(1);
  return stderr;
}

describe('a configuration cannot be read', () => {
  test('because the file does not exist', async () => {
    expect(await errorOutput({})).toMatchInlineSnapshot(`
      "Cannot read asphalt.yaml: there is no such file
        code         ERR_CONFIG_FILE
      "
    `);
  });

  test('because the file is not valid YAML', async () => {
    expect(await errorOutput({ 'asphalt.yaml': 'component:\n  type: [./app.ts:App\n  port: 1\n' }))
      .toMatchInlineSnapshot(`
        "Cannot read asphalt.yaml: it is not valid YAML (line 3)
          at           asphalt.yaml:3:3
                       3 │   port: …
                         │   ^
          note         Flow sequence in block collection must be sufficiently indented and end with a ]
          code         ERR_CONFIG_FILE
        "
      `);
  });
});

describe('a module cannot be loaded', () => {
  const loading = (type: string, files: Readonly<Record<string, string>> = {}): Promise<string> =>
    errorOutput({ 'asphalt.yaml': `component: { type: '${type}' }\n`, ...files });

  test('because it does not exist', async () => {
    expect(await loading('./nowhere.ts:App')).toMatchInlineSnapshot(`
      "Cannot load the component type "./nowhere.ts:App": file <app>/nowhere.ts does not exist
        in           the root component
        from         asphalt.yaml:1:14
        help         correct the path; it is relative to the file that contains it
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because it imports a missing module', async () => {
    expect(await loading('./app.ts:App', { 'app.ts': "import './nowhere.ts';\n" })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": ./app.ts failed to load: Error: Cannot find module '<app>/nowhere.ts' imported from <app>/app.ts
        in           the root component
        from         asphalt.yaml:1:14
        help         fix the module; it exists but failed to load
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because it throws', async () => {
    const app = "const settings = JSON.parse('{');\nexport class App {}\n";
    expect(await loading('./app.ts:App', { 'app.ts': app })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": ./app.ts failed to load: SyntaxError: Expected property name or '}' in JSON at position 1
        in           the root component
        from         asphalt.yaml:1:14
        help         fix the module; it exists but failed to load
        code         ERR_COMPONENT_TYPE

      SyntaxError: Expected property name or '}' in JSON at position 1
          at <anonymous> (app.ts:1:23)
      "
    `);
  });

  test('because of a syntax error in TypeScript or JavaScript', async () => {
    const app = 'export class App {\n  start( {\n}\n';
    expect(await loading('./app.ts:App', { 'app.ts': app })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": ./app.ts failed to load: Expected ")" but found end of file (<app>/app.ts:4)
        in           the root component
        from         asphalt.yaml:1:14
        help         fix the module; it exists but failed to load
        code         ERR_COMPONENT_TYPE
      "
    `);
    expect(await loading('./app.js:App', { 'app.js': app })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.js:App": ./app.js failed to load: SyntaxError: Unexpected end of input
        in           the root component
        from         asphalt.yaml:1:14
        help         fix the module; it exists but failed to load
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because an imported module lacks an export, and the error shows the import', async () => {
    const files = {
      'part.js': 'export const one = 1;\n',
      'app.js': "import { two } from './part.js';\nexport class App {}\n",
    };
    expect(await loading('./app.js:App', files)).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.js:App": ./app.js failed to load: SyntaxError: The requested module './part.js' does not provide an export named 'two'
        in           the root component
        from         asphalt.yaml:1:14
        help         fix the module; it exists but failed to load
        code         ERR_COMPONENT_TYPE

      file://<app>/app.js:1
      import { two } from './part.js';
               ^^^
      SyntaxError: The requested module './part.js' does not provide an export named 'two'
      "
    `);
  });

  test('because it is in a CommonJS package', async () => {
    const files = {
      'package.json': '{}',
      'app.ts': "import { Component } from '@asphalt/core';\nexport class App extends Component {}\n",
    };
    expect(await loading('./app.ts:App', files)).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": ./app.ts is TypeScript in a CommonJS package; applications must be ES modules
        in           the root component
        from         asphalt.yaml:1:14
        help         set "type": "module" in the nearest package.json
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because its tsconfig.json does not enable legacy decorators', async () => {
    const app = `
import { Component, component, inject } from '@asphalt/core';
class Mailer {}

@component()
export class App extends Component {
  constructor(@inject(Mailer) readonly mailer: Mailer) {
    super();
  }
}
`;
    expect(await loading('./app.ts:App', { 'app.ts': app, 'tsconfig.json': '{}' })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": <app>/app.ts was compiled without "experimentalDecorators"
        in           the root component
        from         asphalt.yaml:1:14
        help         set "extends": "@asphalt/core/tsconfig.json" in a tsconfig.json that includes it
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because modules that import each other use a class too early', async () => {
    const app =
      "import { Component } from '@asphalt/core';\nimport './orders.ts';\nimport './users.ts';\nexport class App extends Component {}\n";
    const orders = `
import { Component, inject, provides } from '@asphalt/core';
import { Users } from './users.ts';
export class Orders {}
export class OrdersComponent extends Component {
  @provides(Orders) orders(@inject(Users) _users: Users): Orders { return new Orders(); }
}
`;
    const users = `
import { Component, inject } from '@asphalt/core';
import { Orders } from './orders.ts';
export class Users {}
export class UsersComponent extends Component {
  @inject(Orders) readonly orders!: Orders;
}
`;
    const output = await loading('./app.ts:App', { 'app.ts': app, 'orders.ts': orders, 'users.ts': users });
    expect(output).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": \`Orders\` is used before the module that declares it has run
        in           the root component
        from         asphalt.yaml:1:14
        used at      users.ts:6
        path         users.ts › orders.ts › users.ts
        note         these modules import each other, so one of them runs before the other has declared its names
        help         name it lazily in the decorator: new LazyServiceIdentifier(() => Orders)
                     or move \`Orders\` into a module that imports none of these
        code         ERR_COMPONENT_TYPE

      ReferenceError: Cannot access 'Orders' before initialization
          at <anonymous> (users.ts:6:11)
      "
    `);
  });

  test('because an interface is used as a key', async () => {
    const mailer = 'export interface Mailer {\n  send(): void;\n}\n';
    const app = `
import { Component, inject } from '@asphalt/core';
import { Mailer } from './mailer.ts';
export class App extends Component {
  @inject(Mailer as never) readonly mailer!: Mailer;
}
`;
    expect(await loading('./app.ts:App', { 'app.ts': app, 'mailer.ts': mailer })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": \`Mailer\` is an interface, which does not exist at run time
        in           the root component
        from         asphalt.yaml:1:14
        used at      app.ts:3
        declared at  mailer.ts
        help         declare a token with its name next to it: export const Mailer = token<Mailer>('Mailer')
                     or make it an abstract class: export abstract class Mailer { … }
        code         ERR_COMPONENT_TYPE

      <app>/app.ts:3
      import { Mailer } from './mailer.ts';
               ^

      SyntaxError: The requested module './mailer.ts' does not provide an export named 'Mailer'
      "
    `);
    const local = app.replace(/^import \{ Mailer.*$/m, 'interface Mailer {}');
    expect(await loading('./app.ts:App', { 'app.ts': local })).toContain('`Mailer` is an interface');
  });

  test('because a decorator is on a #private member', async () => {
    const app = `
import { Component, inject } from '@asphalt/core';
class Db {}
export class App extends Component {
  @inject(Db) readonly #db!: Db;
}
`;
    expect(await loading('./app.ts:App', { 'app.ts': app })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": app.ts:5 has a decorator on a #private member, which no decorator can access
        in           the root component
        from         asphalt.yaml:1:14
        help         remove the \`#\`; \`private\` keeps the member private for the compiler
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because JavaScript with decorators is not compiled', async () => {
    const app =
      "import { Component, component } from '@asphalt/core';\n@component()\nexport class App extends Component {}\n";
    expect(await loading('./app.mjs:App', { 'app.mjs': app })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.mjs:App": app.mjs has decorators, but is not compiled
        in           the root component
        from         asphalt.yaml:1:14
        help         rename it to app.mts, or compile it: JavaScript engines do not run decorators
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because a decorator has no parentheses', async () => {
    const app =
      "import { Component, component } from '@asphalt/core';\n@component\nexport class App extends Component {}\n";
    expect(await loading('./app.ts:App', { 'app.ts': app })).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": ./app.ts failed to load: @component on the class of App has no parentheses
        in           the root component
        from         asphalt.yaml:1:14
        note         without them, it receives the class instead of its arguments
        help         write @component()
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because its export is not named', async () => {
    const app = "import { Component } from '@asphalt/core';\nexport class App extends Component {}\n";
    expect(await loading('./app.ts', { 'app.ts': app })).toMatchInlineSnapshot(`
      ""./app.ts" names a file, but not which of its exports is the component
        in           the root component
        from         asphalt.yaml:1:14
        help         type: ./app.ts:App
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('because a package brings its own copy of core', async () => {
    const files = {
      'asphalt.yaml': "component: { type: './app.ts:App' }\n",
      'app.ts': "export { Plugin as App } from 'plugin';\n",
      'token.ts': `
import { Component, inject } from '@asphalt/core';
import { Word } from 'plugin';
export class App extends Component {
  @inject(Word) readonly word!: string;
}
`,
      'token.yaml': "component: { type: './token.ts:App' }\n",
      'node_modules/plugin/package.json': '{ "name": "plugin", "type": "module", "exports": "./index.js" }',
      'node_modules/plugin/index.js':
        "import { Component, token } from '@asphalt/core';\nexport const Word = token('Word');\nexport class Plugin extends Component {}\n",
    };
    const folder = appWith(files);
    const core = join(folder, 'node_modules/@asphalt/core');
    const copy = join(folder, 'node_modules/plugin/node_modules/@asphalt/core');
    mkdirSync(join(copy, '..'), { recursive: true });
    cpSync(join(core, 'dist'), join(copy, 'dist'), { recursive: true });
    cpSync(join(core, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(realpathSync(core), 'node_modules'), join(copy, 'node_modules'));
    const output = async (file: string): Promise<string> => {
      const { code, stderr } = await asphalt(folder, ['run', file]);
      expect(code).toBe(1);
      return stderr.replace(/(this copy +)\S+/, '$1<repository>/packages/core');
    };
    expect(await output('asphalt.yaml')).toMatchInlineSnapshot(`
      "\`Plugin\` is a component of another installed copy of @asphalt/core
        in           the root component
        from         asphalt.yaml:1:14
        this copy    <repository>/packages/core
        other copy   <app>/node_modules/plugin/node_modules/@asphalt/core
        note         a copy does not know the decorators, tokens and contexts of another one
        help         install one version: run npm dedupe, or set the version under "overrides" in package.json
                     or run \`asphalt doctor\`, which lists the installed copies and their dependents
        code         ERR_COMPONENT_TYPE
      "
    `);
    expect(await output('token.yaml')).toContain(
      './token.ts failed to load: @inject() received a token of another installed copy of @asphalt/core',
    );
  });
});
