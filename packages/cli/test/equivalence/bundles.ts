/** Runs a random application as processes, unbuilt and built, and records everything that they print. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appWith, asphalt, type Ended } from '../asphalt-process.ts';
import { configurationOf, withoutSets, type Configuration } from './configuration.ts';
import type { Description } from './description.ts';
import { sourcesOf } from './sources.ts';

/** The runs of one application with the same configuration. */
export interface Pair {
  readonly unbuilt: Ended;
  readonly built: Ended;
  /** Whether the built application planned at startup, because its configuration differs from that of the build. */
  readonly isReplanned: boolean;
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
  try {
    const build = await asphalt(folder, ['build', ...plain.buildFiles, ...setFlags(plain.buildSet), '--no-warm']);
    const runs = [await runBoth(folder, plain), await runBoth(folder, configurationOf(description, true))] as const;
    return { build, plain: runs[0], changed: runs[1] };
  } finally {
    // A bundle has several megabytes.
    rmSync(folder, { recursive: true });
  }
}

async function runBoth(folder: string, configuration: Configuration): Promise<Pair> {
  const { files, buildFiles, buildSet, runFiles, env, set } = configuration;
  for (const name of runFiles) writeFileSync(join(folder, name), files[name]!);
  const unbuilt = await asphalt(folder, ['run', ...buildFiles, ...runFiles, ...setFlags([...buildSet, ...set])], {
    env,
  });
  const program = join(folder, 'dist/main.js');
  const built = await asphalt(folder, [...runFiles, ...setFlags(set)], { env, program });
  const stdout = built.stdout.replace(replanning, '');
  return {
    unbuilt: withoutSets(withoutTimes(unbuilt), configuration),
    built: withoutSets(withoutTimes({ ...built, stdout }), configuration),
    isReplanned: stdout !== built.stdout,
  };
}

const replanning = /^INFO {2}Planning at startup: .*\n/m;

function setFlags(values: readonly string[]): string[] {
  return values.flatMap((text) => ['--set', text]);
}

/** Masks durations in messages. */
function withoutTimes(ended: Ended): Ended {
  const mask = (text: string): string => text.replaceAll(/\b\d+(?:\.\d+)? (?:ms|s)\b/g, '<time>');
  return { ...ended, stdout: mask(ended.stdout), stderr: mask(ended.stderr) };
}
