/** Checks the tools that compile the TypeScript of a project at runtime: `asphalt run`, tsx and vitest. */
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFilesMatcher, findTsconfig, getTsconfig } from 'get-tsconfig';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { temporaryFolder } from '../load/temporary-folder.ts';
import { shortPath } from '../terminal/place-text.ts';
import { compileTypeScriptLike } from '../load/typescript-loader.ts';
import type { Finding, Project } from './finding.ts';
import { judgeProbe, probeSource } from './probe.ts';

/** Compiles the probe like `asphalt run`, which uses the nearest tsconfig.json regardless of the files it includes. */
export async function checkRunner({ folder, sources }: Project): Promise<Finding[]> {
  if (sources.length === 0) return [];
  const config = findTsconfig(folder);
  const help = `write "extends": "@asphalt/core/tsconfig.json" into ${config === undefined ? 'a tsconfig.json' : shortPath(config)}`;
  let scratch: string | undefined;
  try {
    scratch = temporaryFolder('asphalt-doctor-');
    const file = join(scratch, 'probe.mts');
    writeFileSync(file, probeSource);
    await compileTypeScriptLike(join(folder, 'probe.ts'));
    const fault = judgeProbe((await import(pathToFileURL(file).href)) as object);
    if (fault === undefined) return [{ verdict: 'ok', summary: '`asphalt run` compiles decorators with parameters' }];
    return [{ verdict: 'wrong', summary: `\`asphalt run\` ${fault}`, help }];
  } catch (error) {
    if (AsphaltError.is(error)) {
      const { summary, help: fix = [] } = error.explanation;
      return [{ verdict: 'wrong', summary, help: [fix].flat().join(', or ') }];
    }
    return [
      {
        verdict: 'wrong',
        summary: '`asphalt run` cannot compile decorators',
        // A multi-line error contains a code frame of the probe, and its first line alone is not useful.
        ...(String(error).includes('\n') ? {} : { details: [describeThrown(error)] }),
        help,
      },
    ];
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true });
  }
}

/** Reports files that tsx compiles without the tsconfig.json of its working folder, because it does not include them. */
export function checkTsx({ folder, manifest, sources }: Project): Finding[] {
  const scripts = Object.entries(manifest.scripts ?? {}).filter(([, script]) => /\btsx\b/.test(script));
  if (scripts.length === 0) return [];
  const config = tsconfigAbove(folder);
  if (!config) return [];
  const includes = createFilesMatcher(config);
  const left = sources.filter((file) => includes(file) === undefined);
  if (left.length === 0) return [{ verdict: 'ok', summary: 'tsx compiles every file with the tsconfig.json' }];
  return [
    {
      verdict: 'note',
      summary: `tsx, which the script "${scripts[0]![0]}" calls, compiles ${files(left)} without the tsconfig.json`,
      details: ['the tsconfig.json does not include them, so classes with decorators fail there'],
      help: `include them in ${shortPath(config.path)}`,
    },
  ];
}

function tsconfigAbove(folder: string): ReturnType<typeof getTsconfig> {
  try {
    return getTsconfig(folder);
  } catch {
    // The check of the compiler settings reports the unreadable file.
    return null;
  }
}

interface ViteServer {
  ssrLoadModule(id: string): Promise<object>;
  close(): Promise<void>;
}

interface Vitest {
  createViteServer(config: object): Promise<ViteServer>;
}

/** Compiles the probe with vitest in place of one file per folder, because compilers look up settings by folder. */
export async function checkVitest(project: Project): Promise<Finding[]> {
  const vitest = resolveVitest(project.folder);
  if (vitest === undefined) return [];
  const probed = [...new Map(project.sources.map((file) => [dirname(file), file])).values()];
  let server: ViteServer | undefined;
  try {
    const module = (await import(pathToFileURL(vitest).href)) as Vitest;
    server = await module.createViteServer(viteSettings(project.folder, new Set(probed)));
    const faults = new Map<string, string[]>();
    for (const file of probed) {
      const fault = await faultOf(server, file);
      if (fault !== undefined) faults.set(fault, [...(faults.get(fault) ?? []), file]);
    }
    if (faults.size === 0) return [{ verdict: 'ok', summary: 'vitest compiles decorators with parameters' }];
    return Array.from(faults, ([fault, where]) => ({
      verdict: 'wrong',
      summary: `vitest ${fault} in ${where.map((file) => shortPath(dirname(file))).join(', ')}`,
      help: 'include the files in the nearest tsconfig.json, with "extends": "@asphalt/core/tsconfig.json"',
    }));
  } catch (error) {
    return [
      {
        verdict: 'wrong',
        summary: 'Cannot start vitest',
        details: [describeThrown(error)],
        help: 'fix the vitest configuration',
      },
    ];
  } finally {
    await server?.close();
  }
}

function resolveVitest(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve('vitest/node');
  } catch {
    return undefined;
  }
}

/** Vite settings on top of the user's own. A plugin replaces the content of the given files with the probe. */
function viteSettings(root: string, probed: ReadonlySet<string>): object {
  const load = (id: string): string | undefined => (probed.has(id) ? probeSource : undefined);
  return {
    root,
    logLevel: 'silent',
    server: { middlewareMode: true, ws: false, watch: null, hmr: false },
    optimizeDeps: { noDiscovery: true, include: [] },
    plugins: [{ name: 'asphalt-doctor', enforce: 'pre', load }],
  };
}

async function faultOf(server: ViteServer, file: string): Promise<string | undefined> {
  try {
    return judgeProbe(await server.ssrLoadModule(file));
  } catch {
    return 'does not support decorators on parameters';
  }
}

function files(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map(shortPath);
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
