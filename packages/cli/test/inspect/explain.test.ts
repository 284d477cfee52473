import { expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const files = {
  'app.ts': `
import { component, Component, inject, provides } from '@asphalt/core';
export class Clock {}
class Store {}
@component() export class Clocks extends Component {
  @provides(Clock) clock(): Clock { return new Clock(); }
}
@component({ components: { clocks: Clocks } })
export class App extends Component {
  @inject(Clock) readonly clock!: Clock;
  override start(): void { console.log('this must not run'); }
}
@component() export class Broken extends App {
  @inject(Store) readonly store!: Store;
  @inject(Clock, 'utc') readonly utc!: Clock;
}
`,
  'asphalt.yaml': 'component:\n  type: ./app.ts:App\n  components:\n    clocks/utc: { type: ./app.ts:Clocks }\n',
  'broken.yaml': 'component: { type: ./app.ts:Broken }\n',
};

test('explain shows the provider of a resource, the reason and its consumers, and starts nothing', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['explain', 'Clock', 'asphalt.yaml']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "Clock
      provided by  \`clocks\` (Clocks), clock()
      declared at  app.ts:6
      path         App › clocks (Clocks)
      added by     @component of App at app.ts:8
      why          default name: neither the decorator nor the alias sets another
      lifetime     the application
      needed by    the root component (App), \`clock\` – specifies no name (app.ts:10)

    Clock "utc"
      provided by  \`clocks/utc\` (Clocks), clock()
      declared at  app.ts:6
      path         App › clocks/utc (Clocks)
      added by     asphalt.yaml:4:19
      why          the name comes from the alias \`clocks/utc\`
      lifetime     the application
      needed by    nothing in the graph
    "
  `);
});

test('explain ends with 1 if a component needs the key and no component provides it', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['explain', 'Store', 'broken.yaml']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "Store
      provided by  no component, so the application cannot start
      needed by    the root component (Broken), \`store\` – specifies no name (app.ts:14)
    "
  `);
});

test('explain suggests a similar key for an unknown one', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['explain', 'Clok', 'asphalt.yaml']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(`
    "No component provides or needs \`Clok\`
      help         did you mean \`Clock\`?
      code         ERR_KEY_UNKNOWN
    "
  `);
});

test('explain --format json prints the same as data', async () => {
  const args = ['explain', 'Clock/utc', 'broken.yaml', '--format', 'json'];
  const { code, stdout } = await asphalt(appWith(files), args);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { id: 'Clock', name: 'utc', providers: [], needs: [{ component: '', kind: 'need', place: { line: 15 } }] },
  ]);
});

test('a resource of the runtime needs no providing component', async () => {
  const folder = appWith({
    'app.ts': `
import { Application, component, Component, inject } from '@asphalt/core';
@component() export class App extends Component { @inject(Application) readonly application!: Application; }
`,
    'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
  });
  const { code, stdout } = await asphalt(folder, ['explain', 'Application', 'asphalt.yaml']);
  expect({ code, stdout }).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stdout": "Application
      provided by  the runtime
      needed by    the root component (App), \`application\` – specifies no name (app.ts:3)
    ",
    }
  `);
  expect((await asphalt(folder, ['graph', 'asphalt.yaml'])).stdout).toMatchInlineSnapshot(`
    "App
         needs    Application from the runtime
    "
  `);
});
