/** Measures a built application in its own process, next to hand-written code in one file. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { asphalt, hand } from '../start/asphalt.ts';
import { layeredGraph, type Graph } from '../start/graph.ts';
import { writeProgram } from '../start/programs.ts';
import type { Program } from '../start/text.ts';

const folder = new URL('../../dist/generated/built/', import.meta.url);
const command = fileURLToPath(new URL('../../node_modules/@asphalt/cli/bin/asphalt.js', import.meta.url));

/** Prints the time since Node was ready, and whether every service started and stopped in the right order. */
const report = (graph: Graph): string => `
import { findFault } from '../../start/ledger.js';

process.on('exit', () => {
  const { bootstrapComplete } = performance.nodeTiming;
  const time = performance.now() - bootstrapComplete;
  const fault = findFault(${JSON.stringify(graph)}, 'each before its needs');
  console.log(JSON.stringify({ time, fault }));
});
`;

/** The application of `start-1000` as a tool, which ends by itself. */
const built: Program = {
  ...asphalt,
  write: (graph) =>
    asphalt
      .write(graph)
      .replace('Application, Component,', 'Application, CliComponent, Component,')
      .replace(
        'class App extends Component {}',
        'export class App extends CliComponent { run(): number { return 0; } }',
      )
      .concat(report(graph)),
};

const byHand: Program = {
  ...hand,
  write: (graph) => `${hand.write(graph)}${report(graph)}
const application = build();
await application.start();
await application.stop();
`,
};

const programs: Implementations<Program> = { asphalt: built, 'asphalt-cached': built, hand: byHand };
const arguments_: Implementations<readonly string[]> = {
  asphalt: ['asphalt-built/main.js'],
  'asphalt-cached': ['asphalt-cached-built/main.js'],
  hand: ['hand.js'],
};

export const builtWorkload: Workload = {
  name: 'built',
  measures:
    'The application of start-1000 starts and stops in a new process, built with `asphalt build`; the time runs from the end of Node’s own start to the exit, and includes the loading of all code.',
  unit: 'ms',
  yardstick: 'hand',
  target: 'asphalt ≤ 2.6 × hand, asphalt-cached ≤ 1 × hand',
  subjects: [
    { name: 'asphalt', package: '@asphalt/cli', note: 'without a code cache' },
    { name: 'asphalt-cached', package: '@asphalt/cli', note: 'with the code cache of a warm run' },
    { name: 'hand', note: 'one ES module' },
  ],
  async prepare(subject, effort) {
    await writeProgram('built', subject, implementationOf(programs, subject), graphOf(effort === 'smoke'));
    if (subject === 'hand') return;
    rmSync(new URL(`${subject}-built`, folder), { recursive: true, force: true });
    writeFileSync(new URL(`${subject}.json`, folder), JSON.stringify({ component: { type: `./${subject}.js:App` } }));
    const { status, stderr } = run([command, 'build', `${subject}.json`, '-o', `${subject}-built`], {});
    if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
  },
  async sample(subject) {
    const cache = subject === 'asphalt' ? 'off' : 'on';
    const env = { ASPHALT_CODE_CACHE: cache, NODE_ENV: 'production' };
    const { stdout, stderr } = run(implementationOf(arguments_, subject), env);
    const [line = ''] = stdout.match(/^\{"time".*$/m) ?? [];
    if (line === '') throw new Error(`The program printed "${stdout}${stderr}"`);
    const { time, fault } = JSON.parse(line) as { readonly time: number; readonly fault?: string };
    if (fault !== undefined) throw new Error(`Wrong result: ${fault}`);
    return { value: time };
  },
};

function graphOf(isSmoke: boolean): Graph {
  return layeredGraph(isSmoke ? 60 : 1000);
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): ReturnType<typeof spawnText> {
  return spawnText(args, { ...process.env, ...env });
}

function spawnText(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: fileURLToPath(folder), encoding: 'utf8', env });
}
