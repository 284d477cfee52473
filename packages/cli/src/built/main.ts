/**
 * The program inside a built application. It takes the arguments of `asphalt run`; files are layered above the
 * configuration of the build. `--warm` starts the application and stops it again.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { preparedLayers, PreparedPlan, type PlanTables, type PreparedPlaces } from '@asphalt/core/built';
import { loadConfig, type LoadedConfig } from '@asphalt/core/config';
import type { ApplicationArguments } from '../load/application-config.ts';
import { runLoaded } from '../run/run-loaded.ts';
import type { WatchOptions } from '../run/watched-run.ts';
import { translateFrames } from '../terminal/bundle-frames.ts';
import { Shell } from '../terminal/shell.ts';
import type { BuiltConfig } from './built-config.ts';

/** How the loader has loaded the bundle. */
export interface BuiltProcess {
  readonly folder: string;
  /** The name of the bundle. */
  readonly bundle: string;
  /** A warning about the code cache. */
  readonly warning: string | undefined;
  /** Called when the application has started. */
  readonly onStarted: () => void;
}

/** Imports a module inside the bundle, by its file relative to the project or by its name in a reference. */
export type BundledImports = Readonly<Record<string, () => Promise<object>>>;

/** The exports of a bundle. */
export interface BuiltProgram {
  readonly main: (args: readonly string[], built: BuiltProcess) => Promise<void>;
}

/** The arguments of `main.js`. */
export interface BuiltArguments extends ApplicationArguments, WatchOptions {}

/** Runs the application of a bundle. */
export async function runBuilt(args: readonly string[], built: BuiltProcess, imports: BundledImports): Promise<void> {
  const shell = new Shell();
  const isWarm = args[0] === '--warm';
  const given = await readArguments(isWarm ? args.slice(1) : args, shell);
  if (!given) return;
  await shell.perform(() => {
    const config = readJson<BuiltConfig>(built, 'config.json');
    translateFrames(
      join(built.folder, built.bundle),
      config.foreign.map((folder) => join(built.folder, folder)),
    );
    return runLoaded({
      ...given,
      // Naming blocking code in a large bundle pauses it for longer than most code blocks.
      watchdog: given.watchdog ?? false,
      shell,
      warning: built.warning,
      prepared: config.hasPlan ? new PreparedPlan(readJson<PlanTables>(built, 'plan.json')) : undefined,
      load: () => loadBuiltConfig(config, given, built, imports),
      onCreated: (application) => {
        const subscription = application.lifecycle.subscribe((event) => {
          if (event.type !== 'application' || event.state !== 'started') return;
          subscription.unsubscribe();
          built.onStarted();
          // The next turn, because the start has not been reported yet.
          if (isWarm) setImmediate(() => void application.stop().catch(() => undefined));
        });
      },
    });
  });
}

/** Returns the arguments; undefined after a usage error or the help. Loads the parser only if any are given. */
async function readArguments(args: readonly string[], shell: Shell): Promise<BuiltArguments | undefined> {
  if (args.length === 0) return { files: [], set: [], envFiles: [], service: undefined };
  const { parseArguments } = await import('./arguments.ts');
  return parseArguments(args, shell);
}

async function loadBuiltConfig(
  config: BuiltConfig,
  { files, set, envFiles, service }: BuiltArguments,
  built: BuiltProcess,
  imports: BundledImports,
): Promise<LoadedConfig> {
  const project = resolve(built.folder, config.project);
  const byFile = new Map(Object.entries(imports).map(([key, load]) => [keyOf(key, project), load]));
  let places: readonly PreparedPlaces[] | undefined;
  return await loadConfig({
    files,
    set,
    envFiles,
    service,
    requireRootType: true,
    collectProblems: true,
    built: {
      set: config.set,
      layersFor: (env) =>
        preparedLayers(config.sources, {
          project,
          env,
          places: () => (places ??= readJson<readonly PreparedPlaces[]>(built, 'origins.json')),
          importModule: (file) => byFile.get(file)!(),
        }),
      bundled: { imports: byFile, types: config.types },
    },
  });
}

function keyOf(key: string, project: string): string {
  return key.startsWith('.') ? resolve(project, key) : key;
}

function readJson<T>({ folder }: BuiltProcess, name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
}
