import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const stalled = `
import { Component } from '@asphalt/core';
await new Promise(() => undefined);
export class App extends Component {}
`;

const files = {
  'app.ts': stalled,
  'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
  'outer.js': "import './app.js';\nexport default {};\n",
  'app.js': stalled,
};

describe('a module whose top-level `await` never settles is reported', () => {
  test.each(['run', 'check', 'graph', 'timeline'])('by `%s`', async (command) => {
    const { code, stderr } = await asphalt(appWith(files), [command, 'asphalt.yaml']);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot load the component type "./app.ts:App": ./app.ts never finishes loading
        in           the root component
        from         asphalt.yaml:1:14
        note         a top-level \`await\` waits for a promise that never settles
        help         find the top-level \`await\` in it or in a module that it imports; move it into \`start()\` of a component
        code         ERR_COMPONENT_TYPE
      "
    `);
  });

  test('with the other problems of the application', async () => {
    const folder = appWith({
      'root.js': "import { Component } from '@asphalt/core';\nexport class Root extends Component {}\n",
      'app.ts': stalled,
      'asphalt.yaml': `
component:
  type: ./root.js:Root
  components:
    one: { type: ./app.ts:App }
    two: { type: ./app.ts:App }
    three: { type: ./none.ts:App }
`,
    });
    const { code, stdout } = await asphalt(folder, ['check', 'asphalt.yaml', '--format', 'json']);
    expect(code).toBe(1);
    const { problems } = JSON.parse(stdout) as { problems: Array<{ message: string }> };
    expect(problems.map(({ message }) => message.split('\n')[0])).toMatchInlineSnapshot(`
      [
        "Cannot load the component type "./app.ts:App": ./app.ts never finishes loading",
        "Cannot load the component type "./app.ts:App": ./app.ts never finishes loading",
        "Cannot load the component type "./none.ts:App": file <app>/none.ts does not exist",
      ]
    `);
  });

  test('if it is a configuration module that imports the faulty one', async () => {
    const { code, stderr } = await asphalt(appWith(files), ['run', 'outer.js']);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot read outer.js: it never finishes loading
        note         a top-level \`await\` waits for a promise that never settles
        help         find the top-level \`await\` in it or in a module that it imports; move it into \`start()\` of a component
        code         ERR_CONFIG_FILE
      "
    `);
  });
});

test('a stop that can never end is reported after its cause, instead of ending without a message', async () => {
  const folder = appWith({
    'app.js': `
import { Component } from '@asphalt/core';
export class App extends Component {
  start() { this.context.onTeardown(() => new Promise(() => undefined)); }
  ready() { throw new Error('Fails on purpose'); }
}
`,
  });
  const args = ['run', '--set', 'component.type=./app.js:App', '--set', 'stopTimeout=0'];
  const { code, stderr } = await asphalt(folder, args);
  expect(code).toBe(1);
  expect(stderr).toMatchInlineSnapshot(`
    "The root component (App) failed to start: Error: Fails on purpose
      called in    ready() of the root component (App)
      code         ERR_COMPONENT_START

    Error: Fails on purpose
        at App.ready (app.js:5:19)
    The command can never end: the event loop is empty
      note         it waits for a promise of the code that it runs, and nothing is left that could settle it
      help         find the promise that never settles, such as that of a teardown
      code         ERR_COMMAND_STALLED
    "
  `);
});
