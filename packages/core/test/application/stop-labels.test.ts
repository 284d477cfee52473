import { component, Component, provides, startApplication, StopError, token } from '@asphalt/core';
import { errorOf, settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';

const Pool = token<object>('Pool');
const fails = (message: string): never => {
  throw new Error(message);
};

class Sql extends Component {
  @provides(Pool, { dispose: () => fails('still in use') })
  *pool(): Generator<object> {
    yield {};
    fails('no connection');
  }
}

class Work extends Component {
  override start(): void {
    this.context.onTeardown(function closeFile() {
      fails('disk full');
    });
    this.context.startServiceTask(
      async (abort) => {
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        await settled();
        fails('lost');
      },
      { name: 'poll' },
    );
  }
}

test('StopError names the component and the teardown, the resource or the task of every failure', async () => {
  @component({ components: { sql: Sql, work: Work } })
  class App extends Component {}
  const application = await startApplication(App);
  void application.context.child('forgotten');
  const error = (await errorOf(() => application.stop())) as StopError;
  expect(error).toBeInstanceOf(StopError);
  expect(error.errors.map(({ component: path, label }) => [path, label])).toMatchInlineSnapshot(`
    [
      [
        "component \`sql\` (Sql)",
        "rest of pool()",
      ],
      [
        "component \`sql\` (Sql)",
        "dispose of pool()",
      ],
      [
        "component \`work\` (Work)",
        undefined,
      ],
      [
        "component \`work\` (Work)",
        "closeFile",
      ],
      [
        "the application",
        undefined,
      ],
    ]
  `);
  expect(error.message).toMatchInlineSnapshot(`
    "5 failures while the application stopped
      1. component \`sql\` (Sql), rest of pool(): Error: no connection
      2. component \`sql\` (Sql), dispose of pool(): Error: still in use
      3. component \`work\` (Work): Task "poll" failed: Error: lost
           code         ERR_TASK_CRASHED
      4. component \`work\` (Work), closeFile: Error: disk full
      5. the application: Context "App" closed while 1 child context was open
           open         "forgotten"
           help         close children first; context.run(body) does this automatically
           code         ERR_CONTEXT_LEAK
      code         ERR_STOP"
  `);
});
