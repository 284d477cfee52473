// Bundles an application into one file, with the bundler of the runtime if it creates executables.

import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { Program } from './program.mjs';

/** Has options, so that the bundle needs convict, and compares its RxJS with that of core. */
const bundledApplication = `
import { Readable } from 'node:stream';
import { component, Component, defineConfig, Signal, startApplication } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { firstValueFrom, Observable } from 'rxjs';

class App extends Component {
  start() { console.log(this.config.text + '; one copy of RxJS: ' + this.oneCopy); }
  async prepare() {
    const signal = new Signal();
    const first = firstValueFrom(signal);
    signal.dispatch(true);
    this.oneCopy = signal instanceof Observable && (await first);
  }
}
const text = { doc: 'Text', format: 'string', required: true };
component({ config: defineConfig({ text }) })(App);

const stdin = Readable.from(['component: { text: Hello from a bundle }']);
const application = await startApplication(App, { config: await loadConfig({ files: ['-'], stdin }) });
await application.stop();
`;

/** Bundles an application and deletes the packages that it came from. @returns how to run the bundle */
export async function bundle({ name, command, args }, folder) {
  const input = join(folder, 'main.mjs');
  await writeFile(input, bundledApplication);
  await mkdir(join(folder, 'node_modules/@asphalt'), { recursive: true });
  await symlink(join(root, 'packages/core'), join(folder, 'node_modules/@asphalt/core'));
  await symlink(join(root, 'packages/core/node_modules/rxjs'), join(folder, 'node_modules/rxjs'));
  const [file, executable] = [join(folder, 'bundle.mjs'), join(folder, 'bundle')];
  if (name.startsWith('bun-')) {
    const build = new Program({ command, args }, folder, ['build', '--compile', input, '--outfile', executable]);
    assert.equal(await build.ended, 0, build.stderr);
  } else {
    // Imported here, because the script installs it first.
    const { build } = await import('rolldown');
    await build({ input, platform: 'node', logLevel: 'silent', output: { file, codeSplitting: false } });
  }
  await rm(input);
  await rm(join(folder, 'node_modules'), { recursive: true });
  return name.startsWith('bun-') ? { command: executable, args: [] } : { command, args: [...args, file] };
}
