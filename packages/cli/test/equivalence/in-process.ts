/**
 * Runs a random application in the process of the test, unbuilt and through the data of a build, and records everything
 * that it does. The clock is fake and advances only when all code waits for it.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runApplication, type Application, type Logger } from '@asphalt/core';
import {
  checkForBuild,
  planTables,
  prepareLayers,
  preparedLayers,
  PreparedPlan,
  readBuildFiles,
  type BuiltSources,
  type PlanTables,
  type PreparedConfig,
} from '@asphalt/core/built';
import { loadConfig, type LoadedConfig } from '@asphalt/core/config';
import { describeThrown } from '@asphalt/core/errors';
import { describePlan, planApplication } from '@asphalt/core/inspect';
import { configurationOf, type Configuration } from './configuration.ts';
import type { Description } from './description.ts';
import { CompiledProject } from './evaluated-project.ts';
import { isIdle } from './project/diary.ts';
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

/** The files that a build writes next to its bundle. */
interface BuildData extends Pick<PreparedConfig, 'sources' | 'places'> {
  /** Undefined if the application is always planned at startup. */
  readonly tables: PlanTables | undefined;
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

  /** Returns the data of a build as JSON; undefined if the application has problems that end a build. */
  async build(): Promise<string | undefined> {
    const { buildFiles, buildSet } = this.#write(false);
    const files = buildFiles.map((file) => join(this.#folder, file));
    const layers = await readBuildFiles({ files, env: {}, cwd: this.#folder, importModule: importNothing });
    const imports = this.#project.evaluate();
    const built = { layersFor: () => Promise.resolve(layers), set: buildSet, bundled: { imports, types: [] } };
    const config = await this.#load({ env: {}, built });
    const plan = await planApplication(undefined, { config });
    const check = checkForBuild(plan, config);
    if (check.problems.length > 0) return undefined;
    const prepared = prepareLayers(layers, { cwd: this.#folder, service: undefined, secretsIn: () => [] });
    const tables = check.deciding.length > 0 ? undefined : planTables(plan);
    const data: BuildData = { ...prepared, tables: tables && 'obstacle' in tables ? undefined : tables };
    return JSON.stringify(data);
  }

  async unbuilt(isChanged: boolean): Promise<Observation> {
    const { buildFiles, buildSet, runFiles, env, set } = this.#write(isChanged);
    const imports = this.#project.evaluate();
    const built = { layersFor: () => Promise.resolve([]), set: [], bundled: { imports, types: [] } };
    const files = [...buildFiles, ...runFiles].map((file) => join(this.#folder, file));
    return await this.#run(() => this.#load({ files, set: [...buildSet, ...set], env, built }));
  }

  /** @param data - the result of {@link build} */
  async built(isChanged: boolean, data: string): Promise<Observation> {
    const { buildSet, runFiles, env, set } = this.#write(isChanged);
    const { sources, places, tables } = JSON.parse(data) as BuildData;
    const imports = this.#project.evaluate();
    const options = { project: this.#folder, places: () => places, importModule: importNothing };
    const built: BuiltSources = {
      layersFor: (variables) => preparedLayers(sources, { ...options, env: variables }),
      set: buildSet,
      bundled: { imports, types: [] },
    };
    const files = runFiles.map((file) => join(this.#folder, file));
    const prepared = tables && new PreparedPlan(tables);
    return await this.#run(() => this.#load({ files, set, env, built }), prepared);
  }

  #write(isChanged: boolean): Configuration {
    const configuration = configurationOf(this.#description, isChanged);
    for (const [name, text] of Object.entries(configuration.files)) writeFileSync(join(this.#folder, name), text);
    return configuration;
  }

  #load(options: Parameters<typeof loadConfig>[0]): Promise<LoadedConfig> {
    return loadConfig({ ...options, cwd: this.#folder, requireRootType: true, collectProblems: true });
  }

  async #run(load: () => Promise<LoadedConfig>, prepared?: PreparedPlan): Promise<Observation> {
    const lines: string[] = [];
    const failures: string[] = [];
    let application: Application | undefined;
    const failed = (error: unknown): void => {
      const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : '';
      failures.push(`${code}${error instanceof Error ? error.message : describeThrown(error)}`);
    };
    const running = load().then((config) =>
      runApplication(undefined, {
        config,
        prepared,
        logger: recorder(lines),
        onFailure: failed,
        onCreated: (created) => {
          application = created;
        },
      }),
    );
    const exitCode = await settle(running, () => application !== undefined && isIdle()).catch((error: unknown) => {
      throw new Error(`${describeThrown(error)} after:\n${[...lines, ...failures].join('\n')}`, { cause: error });
    });
    // Abandoned code and the callers of `stop()` may log a few turns later.
    for (let turn = 0; turn < quietTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
    const plan: unknown = application && JSON.parse(JSON.stringify(describePlan(application.plan)));
    return { lines, failures, exitCode, plan };
  }
}

/** Waits for a promise and advances the fake clock whenever no code makes progress. */
async function settle<T>(promise: Promise<T>, isWaiting: () => boolean): Promise<T> {
  let isSettled = false;
  const end = (): void => {
    isSettled = true;
  };
  promise.then(end, end);
  for (let quiet = 0, advances = 0; !isSettled;) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = isWaiting() ? quiet + 1 : 0;
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
