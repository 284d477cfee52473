/** `asphalt build`: checks an application and writes a folder that runs without its sources and packages. */
import { readFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { PlanError } from '@asphalt/core';
import { bundleReferences, checkForBuild, prepareLayers, readBuildFiles, sensitivePaths } from '@asphalt/core/built';
import { loadConfig, type LoadedConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import type { Plan } from '@asphalt/core';
import type { BuiltConfig } from '../built/built-config.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { importConfigModule } from '../load/module.ts';
import { prepareTypeScript } from '../load/typescript.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { Shell } from '../terminal/shell.ts';
import { bundle } from './bundle.ts';
import { clearTarget, writeJson } from './target-folder.ts';
import { warmRun } from './warm.ts';

export interface BuildOptions extends ApplicationArguments {
  /** The folder to write to. */
  readonly output: string;
  /** Whether to write sensitive values of files to `config.json`. */
  readonly includeSecrets: boolean;
  /** Whether to run the application once, for its code cache. */
  readonly warm: boolean;
  readonly shell: Shell;
}

/** Builds an application. @returns the exit code: 1 if the application cannot start */
export async function build({ output, includeSecrets, warm, shell, ...args }: BuildOptions): Promise<number> {
  const { stdout } = shell;
  const project = process.cwd();
  const target = resolve(output);
  clearTarget(target);
  const { env } = process;
  const layers = await readBuildFiles({ files: args.files, env, cwd: project, importModule: importConfigModule });
  const sources = { layersFor: async () => layers, bundled: undefined };
  const load = async (set: readonly string[]): Promise<LoadedConfig> => {
    const { envFiles, service } = args;
    const all = { ...args, files: [], set: [], envFiles, service, importModule: importConfigModule };
    return await loadConfig({ ...all, built: { ...sources, set }, requireRootType: true, collectProblems: true });
  };
  const config = await load(args.set);
  await prepareTypeScript(config);
  const plan = await planApplication(undefined, { config });
  const { problems, open, deciding } = checkForBuild(plan, config);
  if (problems.length > 0) throw new PlanError(problems);

  const whole = await withDisabled(plan, async (enabled) => await load([...args.set, ...enabled]));
  const { files, types, unknown } = await bundleReferences(whole.plan, whole.config ?? config);
  const left = new Set<string>();
  const prepared = prepareLayers(layers, {
    cwd: project,
    service: config.service,
    secretsIn: (data) => (includeSecrets ? [] : sensitivePaths(whole.plan, data, config.service)),
  });
  for (const [index, { leftOut }] of prepared.sources.entries()) {
    for (const path of leftOut) {
      const key = path.join('.');
      const { line = 1 } = prepared.places[index]?.[key] ?? {};
      left.add(`${key} (${prepared.sources[index]!.label}:${line})`);
    }
  }

  const modules = new Map(Array.from(files, ([key, file]) => [moduleName(key, project), file]));
  for (const { file, data } of prepared.sources)
    if (!data && file !== undefined) modules.set(moduleName(resolve(project, file), project), resolve(project, file));
  const bundled = await bundle({ project, target, modules });
  const toTarget = (path: string): string => relative(target, path).split(sep).join('/');
  const content: BuiltConfig = {
    project: toTarget(project),
    sources: prepared.sources,
    set: args.set,
    types,
    foreign: bundled.runtime.map((folder) => `${toTarget(folder)}/`),
    files: [...bundled.files, 'package.json', 'config.json', 'origins.json'],
  };
  writeJson(target, 'package.json', { private: true, type: 'module' });
  writeJson(target, 'origins.json', prepared.places);
  writeJson(target, 'config.json', content);

  const note = (text: string): void => stdout.write(`${stdout.paint('dim', `  note  ${text}`)}\n`);
  stdout.write(`${stdout.paint('green', `Built ${plan.components.length} components into ${shortPath(target)}`)}\n`);
  for (const path of left) note(`left out, because it is sensitive: ${path}; set it when the application starts`);
  if (open.length > 0) note(`open until the application starts: ${open.join(', ')}`);
  for (const path of deciding) note(`${path} decides about components, which the build could not check`);
  for (const path of unknown) note(`the options of ${path} are unknown, so its sensitive values are in config.json`);
  if (bundled.native.length > 0) note(`native packages next to the bundle: ${bundled.native.join(', ')}`);
  for (const file of bundled.placed) note(`${shortPath(file)} uses its own place; files that it finds there are not copied`);
  if (!warm) return 0;
  await warmRun(target, args);
  return 0;
}

/** Returns a plan with the components that are disabled, because `--set` can enable them when the application starts. */
async function withDisabled(
  plan: Plan,
  load: (enabled: readonly string[]) => Promise<LoadedConfig>,
): Promise<{ readonly plan: Plan; readonly config: LoadedConfig | undefined }> {
  if (plan.disabled.length === 0) return { plan, config: undefined };
  const enabled = plan.disabled.map(({ path }) => `component.components.${path.split('.').join('.components.')}.enabled=true`);
  const config = await load(enabled);
  return { plan: await planApplication(undefined, { config }), config };
}

/** Returns the key of a module in the bundle: a file relative to the project, or the name of a package. */
function moduleName(key: string, project: string): string {
  const path = relative(project, key).split(sep).join('/');
  if (key !== resolve(key)) return key;
  return path.startsWith('.') ? path : `./${path}`;
}

/** Reads a file of a build. */
export function readBuilt(target: string, name: string): string {
  return readFileSync(resolve(target, name), 'utf8');
}
