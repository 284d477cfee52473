/**
 * Runs a random application in the process of the test, unbuilt and through the data of a build, and records everything
 * that it does. The clock is fake and advances only when all code waits for it.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runApplication, type Application, type Logger } from '@asphalt/core';
import { checkForBuild, prepareLayers, preparedLayers, readBuildFiles, type BuiltSources } from '@asphalt/core/built';
import { loadConfig, type LoadedConfig } from '@asphalt/core/config';
import { describeThrown } from '@asphalt/core/errors';
import { describePlan, planApplication } from '@asphalt/core/inspect';
import { configurationOf, type Configuration } from './configuration.ts';
import type { Description } from './description.ts';
import { CompiledProject, type EvaluatedProject } from './evaluated-project.ts';
import { sourcesOf } from './sources.ts';

/** Everything that a run shows. */
export interface Observation {
  /** The lines of the log with their levels and components. */
  readonly lines: readonly string[];
  /** The errors that ended the application or prevented its start, with their codes. */
  readonly failures: readonly string[];
  readonly exitCode: number;
  /** The description of the plan; undefined if it has problems. */
  readonly plan: unknown;
}

const importNothing = (file: string): Promise<never> => Promise.reject(new Error(`${file} is not a module`));

export class InProcessRuns implements Disposable {
  readonly #description: Description;
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'asphalt-equivalence-')));
  readonly #project: CompiledProject;

  constructor(description: Description) {
    this.#description = description;
    this.#project = new CompiledProject(this.#folder, sourcesOf(description));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Returns whether the application has no problem that ends a build. */
  async canBeBuilt(): Promise<boolean> {
    const { buildFiles, buildSet } = this.#write(false);
    const { imports } = this.#project.evaluate();
    const built = { layersFor: () => Promise.resolve([]), set: [], bundled: { imports, types: [] } };
    const files = buildFiles.map((file) => join(this.#folder, file));
    const config = await this.#load({ files, set: buildSet, env: {}, built });
    return checkForBuild(await planApplication(undefined, { config }), config).problems.length === 0;
  }

  async unbuilt(isChanged: boolean): Promise<Observation> {
    const { buildFiles, buildSet, runFiles, env, set } = this.#write(isChanged);
    const project = this.#project.evaluate();
    const built = { layersFor: () => Promise.resolve([]), set: [], bundled: { imports: project.imports, types: [] } };
    const files = [...buildFiles, ...runFiles].map((file) => join(this.#folder, file));
    return await this.#run(project, () => this.#load({ files, set: [...buildSet, ...set], env, built }));
  }

  async built(isChanged: boolean): Promise<Observation> {
    const { buildFiles, buildSet, runFiles, env, set } = this.#write(isChanged);
    const layers = await readBuildFiles({
      files: buildFiles.map((file) => join(this.#folder, file)),
      env: {},
      cwd: this.#folder,
      importModule: importNothing,
    });
    const { sources, places } = prepareLayers(layers, { cwd: this.#folder, service: undefined, secretsIn: () => [] });
    const data = JSON.stringify({ sources, places });
    const project = this.#project.evaluate();
    const prepared = JSON.parse(data) as { sources: typeof sources; places: typeof places };
    const built: BuiltSources = {
      layersFor: (variables) =>
        preparedLayers(prepared.sources, {
          project: this.#folder,
          env: variables,
          places: () => prepared.places,
          importModule: importNothing,
        }),
      set: buildSet,
      bundled: { imports: project.imports, types: [] },
    };
    const files = runFiles.map((file) => join(this.#folder, file));
    return await this.#run(project, () => this.#load({ files, set, env, built }));
  }

  #write(isChanged: boolean): Configuration {
    const configuration = configurationOf(this.#description, isChanged);
    for (const [name, text] of Object.entries(configuration.files)) writeFileSync(join(this.#folder, name), text);
    return configuration;
  }

  #load(options: Parameters<typeof loadConfig>[0]): Promise<LoadedConfig> {
    return loadConfig({ ...options, cwd: this.#folder, requireRootType: true, collectProblems: true });
  }

  async #run({ diary }: EvaluatedProject, load: () => Promise<LoadedConfig>): Promise<Observation> {
    const lines: string[] = [];
    const failures: string[] = [];
    let application: Application | undefined;
    const failed = (error: unknown): void => {
      const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : '';
      failures.push(`${code}${describeThrown(error)}`);
    };
    const running = load().then((config) =>
      runApplication(undefined, {
        config,
        logger: recorder(lines),
        onFailure: failed,
        onCreated: (created) => {
          application = created;
        },
      }),
    );
    const exitCode = await settle(running, () => application !== undefined && diary.isIdle()).catch(
      (error: unknown) => {
        throw new Error(`${describeThrown(error)} after:\n${[...lines, ...failures].join('\n')}`, { cause: error });
      },
    );
    const plan: unknown = application && JSON.parse(JSON.stringify(describePlan(application.plan)));
    return { lines, failures, exitCode, plan };
  }
}

/** Waits for a promise and advances the fake clock whenever no code makes progress. */
async function settle<T>(promise: Promise<T>, isIdle: () => boolean): Promise<T> {
  let isSettled = false;
  const end = (): void => {
    isSettled = true;
  };
  promise.then(end, end);
  for (let quiet = 0, advances = 0; !isSettled;) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = isIdle() ? quiet + 1 : 0;
    // Promises and the reading of files need some turns of the event loop.
    if (quiet < quietTurns) continue;
    if (++advances > mostAdvances) throw new Error('The application does not end');
    vi.advanceTimersToNextTimer();
    quiet = 0;
  }
  return await promise;
}

const quietTurns = 20;
const mostAdvances = 1000;

function recorder(lines: string[], name = ''): Logger {
  const at =
    (level: string) =>
    (message: string, data?: object): void => {
      const { err } = (data ?? {}) as { err?: unknown };
      lines.push(`${level} ${name}: ${message}${err === undefined ? '' : ` (${describeThrown(err)})`}`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel: (level) => lines.push(`level ${name}: ${level}`),
    child: (what) => recorder(lines, typeof what === 'string' ? what : `${name} ${JSON.stringify(what)}`),
  };
}

/** Returns whether the plan of a run has problems. */
export function isPlanned({ plan }: Observation): boolean {
  return plan !== undefined;
}
