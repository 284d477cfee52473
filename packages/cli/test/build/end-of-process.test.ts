/** The end of the process of a built application. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const files = {
  'src/app.ts': `
import { Application, Component, inject } from '@asphalt/core';

export class App extends Component {
  @inject(Application) declare readonly application: Application;

  override ready(): void {
    void this.stop();
  }

  async stop(): Promise<void> {
    await this.application.stop().catch(() => undefined);
    for (let turn = 0; turn < 20; turn++) await undefined;
    console.log('The caller of stop() knows the end');
  }
}
`,
  'asphalt.yaml': 'component: { type: "./src/app.ts:App" }',
};

test('lets code run that waits for the end of the application', { timeout: 60_000 }, async () => {
  const folder = appWith(files);
  expect(await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm'])).toMatchObject({ code: 0, stderr: '' });
  for (const options of [{}, { program: join(folder, 'dist/main.js') }]) {
    const ended = await asphalt(folder, 'program' in options ? [] : ['run', 'asphalt.yaml'], options);
    expect(ended.stdout).toContain('The caller of stop() knows the end\n');
  }
});
