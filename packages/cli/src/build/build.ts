/** `asphalt build`: checks an application and writes a folder that runs without its sources and packages. */
import { relative, resolve, sep } from 'node:path';
import { PlanError } from '@asphalt/core';
import {
  bundleReferences,
  checkForBuild,
  planTables,
  preparedLayers,
  prepareLayers,
  readBuildFiles,
  sensitivePaths,
  type BuildCheck,
  type BundleReferences,
  type PlanObstacle,
  type PlanTables,
  type PreparedConfig,
} from '@asphalt/core/built';
import type { BuiltConfig } from '../built/built-config.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { importConfigModule } from '../load/module.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { Shell } from '../terminal/shell.ts';
import { bundle, type Bundled } from './bundle.ts';
import { writeDockerFiles, writeSystemdUnit } from './deployment.ts';
import { PlannedBuild } from './planned-build.ts';
import { clearTarget, writeJson } from './target-folder.ts';
import { warmRun } from './warm.ts';

export interface BuildOptions extends ApplicationArguments {
  /** The folder to write to. */
  readonly output: string;
  /** Whether to write sensitive values of files to `config.json`. */
  readonly includeSecrets: boolean;
  /** Whether to run the application once, for its code cache. */
  readonly warm: boolean;
  /** Whether to write a Dockerfile. */
  readonly docker: boolean;
  /** Whether to write a unit of systemd. */
  readonly systemd: boolean;
  readonly shell: Shell;
}

/** Builds an application. @returns the exit code: 0, because every problem of the application is thrown */
export async function build(options: BuildOptions): Promise<number> {
  const { output, includeSecrets, warm, docker, systemd, shell, ...args } = options;
  const { stdout } = shell;
  const project = process.cwd();
  const target = resolve(output);
  clearTarget(target);
  const { env } = process;
  const layers = await readBuildFiles({ files: args.files, env, cwd: project, importModule: importConfigModule });
  const planned = await PlannedBuild.of(args, () => Promise.resolve(layers));
  const check = checkForBuild(planned.plan, planned.config);
  if (check.problems.length > 0) throw new PlanError(check.problems);

  const whole = await planned.withDisabled();
  const references = await bundleReferences(whole.plan, whole.config);
  const { service } = planned.config;
  const prepared = prepareLayers(layers, {
    cwd: project,
    service,
    secretsIn: (data) => (includeSecrets ? [] : sensitivePaths(whole.plan, data, service)),
  });
  const bundled = await bundle({ project, target, modules: modulesOf(references, prepared, project) });
  const toTarget = (path: string): string => relative(target, path).split(sep).join('/');
  const { deciding } = check;
  const tables =
    deciding.length > 0 ? { obstacle: `${deciding.join(', ')} has no value yet` } : planTables(planned.plan);
  const hasPlan = !('obstacle' in tables);
  if (hasPlan) writeJson(target, 'plan.json', tables);
  const config: BuiltConfig = {
    project: toTarget(project),
    sources: prepared.sources,
    set: args.set,
    types: references.types,
    foreign: bundled.runtime.map((folder) => `${toTarget(folder)}/`),
    hasPlan,
    files: [...bundled.files, 'package.json', 'config.json', 'origins.json', ...(hasPlan ? ['plan.json'] : [])],
  };
  writeJson(target, 'package.json', { private: true, type: 'commonjs' });
  writeJson(target, 'origins.json', prepared.places);
  writeJson(target, 'config.json', config);

  const count = planned.plan.components.length;
  const summary = `Built ${count} component${count === 1 ? '' : 's'} into ${shortPath(target)}`;
  stdout.write(`${stdout.paint('green', summary)}\n`);
  const note = (text: string): void => stdout.write(`${stdout.paint('dim', `  note  ${text}`)}\n`);
  for (const text of notesOf({ check, prepared, references, bundled, tables })) note(text);
  const { stopTimeout: stopTimeoutMs = defaultStopTimeoutMs } = planned.config.settings;
  const deployment = { ...args, project, target, warm, includeSecrets, stopTimeoutMs };
  const written = [...(docker ? writeDockerFiles(deployment) : []), ...(systemd ? writeSystemdUnit(deployment) : [])];
  for (const { name, isNew } of written) note(isNew ? `wrote ${name}` : `${name} exists and stays unchanged`);
  if (!warm) return 0;
  const places = (): PreparedConfig['places'] => prepared.places;
  const sources = { project, env, places, importModule: importConfigModule };
  const built = await PlannedBuild.of(args, () => preparedLayers(prepared.sources, sources));
  if (built.plan.problems.length === 0) await warmRun(target, args);
  else note('without a code cache: the first start with all options writes it');
  return 0;
}

/** The limit of applications that set none. */
const defaultStopTimeoutMs = 10_000;

/** Returns the files of the modules to bundle, by their name in the bundle. */
function modulesOf(
  { files }: BundleReferences,
  { sources }: PreparedConfig,
  project: string,
): ReadonlyMap<string, string> {
  const modules = new Map(Array.from(files, ([key, file]) => [moduleName(key, project), file]));
  for (const { file, data } of sources) {
    if (data || file === undefined) continue;
    const path = resolve(project, file);
    modules.set(moduleName(path, project), path);
  }
  return modules;
}

/** Returns the name of a module in the bundle: a file relative to the project, or the name of a package. */
function moduleName(key: string, project: string): string {
  if (key !== resolve(key)) return key;
  const path = relative(project, key).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

interface BuildFacts {
  readonly check: BuildCheck;
  readonly prepared: PreparedConfig;
  readonly references: BundleReferences;
  readonly bundled: Bundled;
  readonly tables: PlanTables | PlanObstacle;
}

/** Describes what differs between the built application and its sources. */
function* notesOf({ check, prepared, references, bundled, tables }: BuildFacts): Iterable<string> {
  for (const { path, from } of prepared.leftOut)
    yield `left out, because it is sensitive: ${path} (${from}); set it when the application starts`;
  if (check.open.length > 0) yield `open until the application starts: ${check.open.join(', ')}`;
  for (const path of check.deciding) yield `${path} decides about components, which the build could not check`;
  if ('obstacle' in tables) yield `the plan is not part of the build, because ${tables.obstacle}`;
  for (const path of references.unknown)
    yield `the options of ${path} are unknown, so its sensitive values are not left out`;
  if (bundled.native.length > 0) yield `native packages next to the bundle: ${bundled.native.join(', ')}`;
  if (bundled.awaiting.length > 0)
    yield `the bundle is an ES module, which loads more slowly, because of a top-level \`await\` in ${bundled.awaiting.map(shortPath).join(', ')}`;
  for (const file of bundled.placed)
    yield `${shortPath(file)} uses its own place; files that it finds there are not copied`;
}
