/** Runs a random application as processes, unbuilt and built, and compares everything that they print. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { appWith, asphalt, type Ended } from '../asphalt-process.ts';
import { configurationOf, type Configuration } from './configuration.ts';
import type { Description } from './description.ts';
import { sourcesOf } from './sources.ts';

export interface Pair {
  readonly unbuilt: Ended;
  readonly built: Ended;
}

export interface BundleRuns {
  readonly build: Ended;
  readonly plain: Pair;
  /** With a configuration that changes the shape of the application. */
  readonly changed: Pair;
}

/** Builds an application and runs both of its forms with both of its configurations. */
export async function bundleRuns(description: Description): Promise<BundleRuns> {
  const plain = configurationOf(description, false);
  const folder = appWith({ ...sourcesOf(description), ...plain.files });
  const flags = plain.buildSet.flatMap((text) => ['--set', text]);
  const build = await asphalt(folder, ['build', ...plain.buildFiles, ...flags, '--no-warm']);
  return {
    build,
    plain: await runBoth(folder, plain),
    changed: await runBoth(folder, configurationOf(description, true)),
  };
}

async function runBoth(folder: string, configuration: Configuration): Promise<Pair> {
  const { files, buildFiles, buildSet, runFiles, env, set } = configuration;
  for (const name of runFiles) writeFileSync(join(folder, name), files[name]!);
  const flags = (values: readonly string[]): string[] => values.flatMap((text) => ['--set', text]);
  const args = [...buildFiles, ...runFiles, ...flags([...buildSet, ...set])];
  const unbuilt = await asphalt(folder, ['run', ...args], { env });
  const program = join(folder, 'dist/main.js');
  const built = await asphalt(folder, [...runFiles, ...flags(set)], { env, program });
  return { unbuilt: withoutTimes(unbuilt), built: withoutTimes(built) };
}

/** Masks durations in messages. */
function withoutTimes(ended: Ended): Ended {
  const mask = (text: string): string => text.replaceAll(/\b\d+(?:\.\d+)? (?:ms|s)\b/g, '<time>');
  return { ...ended, stdout: mask(ended.stdout), stderr: mask(ended.stderr) };
}
