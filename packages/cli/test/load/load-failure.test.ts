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
});
