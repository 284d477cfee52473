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

test('explain tells who provides a resource, why, and who needs it, and runs nothing', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['explain', 'Clock', 'asphalt.yaml']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "Clock
      provided by  \`clocks\` (Clocks), clock()
      declared at  app.ts:6
      path         App › clocks (Clocks)
      made by      @component of App at app.ts:8
      why          default name: neither the decorator nor the alias sets another
      lives        as long as the application
      needed by    the root component (App), \`clock\` – specifies no name (app.ts:10)

    Clock "utc"
      provided by  \`clocks/utc\` (Clocks), clock()
      declared at  app.ts:6
      path         App › clocks/utc (Clocks)
      made by      asphalt.yaml:4:19
      why          the name comes from the alias \`clocks/utc\`
      lives        as long as the application
      needed by    nothing in the graph
    "
  `);
});

test('explain ends with 1 where the key is needed and nobody provides it', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['explain', 'Store', 'broken.yaml']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "Store
      provided by  nobody, so the application cannot start
      needed by    the root component (Broken), \`store\` – specifies no name (app.ts:14)
    "
  `);
});

test('explain tells what comes near an unknown key', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['explain', 'Clok', 'asphalt.yaml']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(`
    "No component provides or needs \`Clok\`
      help         did you mean \`Clock\`?
      code         ERR_KEY_UNKNOWN
    "
  `);
});

test('explain as JSON gives the same as data', async () => {
  const args = ['explain', 'Clock/utc', 'broken.yaml', '--format', 'json'];
  const { code, stdout } = await asphalt(appWith(files), args);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { id: 'Clock', name: 'utc', providers: [], needs: [{ component: '', kind: 'need', place: { line: 15 } }] },
  ]);
});

test('what the runtime gives needs nobody who provides it', async () => {
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
