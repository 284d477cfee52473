/** Compares the built folder of a small application with committed files. `vitest --update` writes them again. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const golden = (name: string): string => fileURLToPath(new URL(`golden/${name}`, import.meta.url));

const files = {
  'package.json': '{ "name": "@acme/shop", "description": "A shop", "type": "module" }',
  'src/app.ts': `
import { readFileSync } from 'node:fs';
import { component, Component, defineConfig } from '@asphalt/core';
import { ClockComponent } from './clock.ts';

const options = defineConfig({
  greeting: { doc: 'Greeting', format: 'string', default: 'Hi' },
  password: { doc: 'Password', format: 'string', sensitive: true, default: '' },
});

@component({ config: options, components: { clock: ClockComponent } })
export class App extends Component<typeof options> {
  override start(): void {
    this.logger.info(this.config.greeting + readFileSync(new URL('./name.txt', import.meta.url), 'utf8'));
  }
}
`,
  'src/clock.ts': `
import { component, Component, defineConfig } from '@asphalt/core';

const options = defineConfig({ every: { doc: 'Time between ticks', format: 'duration', default: '1s', env: 'EVERY' } });

@component({ config: options })
export class ClockComponent extends Component<typeof options> {}
`,
  'src/name.txt': 'Ada',
  'asphalt.yaml': `# The settings of all stages.
component:
  type: ./src/app.ts:App
  greeting: !Env { name: GREETING, default: Hello }
  password: hunter2
  components:
    clock: { every: 2s }
stopTimeout: 20s
`,
  'production.yaml': 'logging: warn\n',
};

describe('the built folder of a small application', { timeout: 60_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    folder = appWith(files);
    const args = ['asphalt.yaml', 'production.yaml', '--set', 'component.components.clock.every=3s'];
    const ended = await asphalt(folder, ['build', ...args, '--docker', '--systemd', '--no-warm']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  }, 60_000);

  /** Masks what differs between machines and versions: folders, hashes, and the Node that builds. */
  function stable(text: string): string {
    return text
      .replaceAll(process.execPath, '<node>')
      .replaceAll(folder, '<project>')
      .replaceAll(/(?:\.\.\/)+[^"]*?(?=packages\/(?:cli|core)\/)/g, '<repository>/')
      .replaceAll(repository, '<repository>/')
      .replaceAll(/\b(app|name|watch)-[\da-f]{8,16}\b/g, '$1-<hash>')
      .replaceAll(/\bnode:\d+-slim\b/g, 'node:<version>-slim');
  }

  const read = (name: string): string => stable(readFileSync(join(folder, name), 'utf8'));
  const readJson = (name: string): string => `${stable(JSON.stringify(JSON.parse(read(name)), undefined, 2))}\n`;

  test('has these files', async () => {
    const names = readdirSync(join(folder, 'dist'), { recursive: true }).map(String).sort();
    await expect(`${stable(names.join('\n'))}\n`).toMatchFileSnapshot(golden('files.txt'));
  });

  test.each(['package.json', 'config.json', 'origins.json'])('has the data of %s', async (name) => {
    await expect(readJson(`dist/${name}`)).toMatchFileSnapshot(golden(name));
  });

  test('has the loader of main.js', async () => {
    await expect(read('dist/main.js')).toMatchFileSnapshot(golden('main.js.txt'));
  });

  test.each(['Dockerfile', '.dockerignore', 'shop.service'])('is deployed with %s', async (name) => {
    await expect(read(name)).toMatchFileSnapshot(golden(`${name.replace('.dockerignore', 'dockerignore')}.txt`));
  });
});
