/** What compiles the project's TypeScript while it runs: the runner of `asphalt run`, tsx, and vitest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFilesMatcher, findTsconfig, getTsconfig } from 'get-tsconfig';
import { describeThrown } from '@asphalt/core';
import { shortPath } from '../terminal/place-text.ts';
import { compileTypeScriptLike } from '../load/typescript-loader.ts';
import type { Finding, Project } from './finding.ts';
import { judgeProbe, probeSource } from './probe.ts';

/** `asphalt run` takes the settings nearest to the application, whatever files those include. */
export async function checkRunner({ folder, sources }: Project): Promise<Finding[]> {
  if (sources.length === 0) return [];
  const config = findTsconfig(folder);
  const help = `write "extends": "@asphalt/core/tsconfig.json" into ${config === undefined ? 'a tsconfig.json' : shortPath(config)}`;
  const scratch = mkdtempSync(join(tmpdir(), 'asphalt-doctor-'));
  try {
    const file = join(scratch, 'probe.mts');
    writeFileSync(file, probeSource);
    await compileTypeScriptLike(join(folder, 'probe.ts'));
    const fault = judgeProbe((await import(pathToFileURL(file).href)) as object);
    if (fault === undefined) return [{ verdict: 'ok', summary: '`asphalt run` compiles decorators with parameters' }];
    return [{ verdict: 'wrong', summary: `\`asphalt run\` ${fault}`, help }];
  } catch (error) {
    return [
      {
        verdict: 'wrong',
        summary: '`asphalt run` cannot compile decorators',
        // A compiler's error has a picture of the probe below its first line, and that line alone says nothing.
        ...(String(error).includes('\n') ? {} : { details: [describeThrown(error)] }),
        help,
      },
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** tsx itself compiles by the tsconfig in its working folder only those files that this one includes. */
export function checkTsx({ folder, manifest, sources }: Project): Finding[] {
  const scripts = Object.entries(manifest.scripts ?? {}).filter(([, script]) => /\btsx\b/.test(script));
  if (scripts.length === 0) return [];
  const config = tsconfigAbove(folder);
  if (!config) return [];
  const includes = createFilesMatcher(config);
  const left = sources.filter((file) => includes(file) === undefined);
  if (left.length === 0) return [{ verdict: 'ok', summary: 'tsx compiles every file by the tsconfig.json' }];
  return [
    {
      verdict: 'note',
      summary: `tsx, which the script "${scripts[0]![0]}" calls, compiles ${files(left)} without the tsconfig.json`,
      details: ['which does not include them; classes with decorators fail there'],
      help: `include them in ${shortPath(config.path)}`,
    },
  ];
}

function tsconfigAbove(folder: string): ReturnType<typeof getTsconfig> {
  try {
    return getTsconfig(folder);
  } catch {
    // That it cannot be read is told where its settings are checked.
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

/** One file in each folder stands for all of them, since compilers look up their settings by folder. */
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
      help: 'have the nearest tsconfig.json include them and say "extends": "@asphalt/core/tsconfig.json"',
    }));
  } catch (error) {
    return [
      {
        verdict: 'wrong',
        summary: 'vitest cannot be tried',
        details: [describeThrown(error)],
        help: 'correct the configuration of vitest',
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

/** The user's own settings, with the probe in place of the files that are tried. */
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
    return 'does not compile decorators on parameters';
  }
}

function files(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map(shortPath);
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
