/** Builds the programs of subjects: with `asphalt build`, and those of others with its bundler and the same settings. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const command = fileURLToPath(new URL('../../node_modules/@asphalt/cli/bin/asphalt.js', import.meta.url));

/** Builds an application into `NAME-built`, with a code cache. @param type - its root component, such as `app.js:App` */
export function buildApplication(folder: URL, name: string, type: string): void {
  writeFileSync(new URL(`${name}.json`, folder), JSON.stringify({ component: { type: `./${type}` } }));
  const args = [command, 'build', `${name}.json`, '-o', `${name}-built`];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: fileURLToPath(folder), encoding: 'utf8' });
  if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
}

/** Bundles a program with all of its libraries into one ES module. */
export async function bundleProgram(folder: URL, input: string, file: string): Promise<void> {
  await build({
    cwd: fileURLToPath(folder),
    input: `./${input}`,
    platform: 'node',
    transform: { target: 'node20.19' },
    resolve: { mainFields: ['module', 'main'] },
    experimental: { attachDebugInfo: 'none' },
    logLevel: 'silent',
    output: { file: fileURLToPath(new URL(file, folder)), format: 'esm', keepNames: true, comments: false },
  });
}
