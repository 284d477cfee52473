/** Measures a built application in its own process, next to hand-written code and to bundled programs of others. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { asphalt, hand } from '../start/asphalt.ts';
import { buildApplication, bundleProgram } from '../start/bundles.ts';
import { awilix, tsyringe } from '../start/containers.ts';
import { effect, nestjs } from '../start/frameworks.ts';
import { layeredGraph, type Graph } from '../start/graph.ts';
import { fileName, writeProgram } from '../start/programs.ts';
import type { Program } from '../start/text.ts';

const folder = new URL('../../dist/generated/built/', import.meta.url);

/** Prints the time since Node was ready, and whether every service started and stopped in the right order. */
const report = (graph: Graph, { stops }: Program): string => `
import { findFault } from '../../start/ledger.js';

process.on('exit', () => {
  const { bootstrapComplete } = performance.nodeTiming;
  const time = performance.now() - bootstrapComplete;
  const fault = findFault(${JSON.stringify(graph)}, '${stops}');
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
      .concat(report(graph, asphalt)),
};

/** A program that starts and stops when it is loaded. */
function running(program: Program): Program {
  return {
    ...program,
    write: (graph) => `${program.write(graph)}${report(graph, program)}
const application = await build();
await application.start();
await application.stop();
`,
  };
}

/** The programs that are bundled, as their users would deploy them. */
const others: Implementations<Program> = { '@nestjs/core': nestjs, effect, awilix, tsyringe };

const programs: Implementations<Program> = {
  asphalt: built,
  'asphalt-cached': built,
  hand: running(hand),
  ...Object.fromEntries(Object.entries(others).map(([name, program]) => [name, running(program)])),
};

export const builtWorkload: Workload = {
  name: 'built',
  measures:
    'The application of start-1000 starts and stops in a new process, built with `asphalt build`; the time runs from the end of Node’s own start to the exit, and includes the loading of all code.',
  unit: 'ms',
  yardstick: 'hand',
  target: 'asphalt ≤ 2.6 × hand, asphalt-cached ≤ 1 × hand',
  limits: [
    { subject: 'asphalt', ratio: 2.6 },
    { subject: 'asphalt-cached', ratio: 1 },
  ],
  subjects: [
    { name: 'asphalt', package: '@asphalt/cli', note: 'without a code cache' },
    { name: 'asphalt-cached', package: '@asphalt/cli', note: 'with the code cache of a warm run' },
    { name: 'hand', note: 'one ES module' },
    ...Object.keys(others).map((name) => ({ name, package: name, note: 'one ES module' })),
  ],
  async prepare(subject, effort) {
    await writeProgram('built', subject, implementationOf(programs, subject), graphOf(effort === 'smoke'));
    const name = fileName(subject);
    if (subject in others) await bundleProgram(folder, `${name}.js`, `${name}.mjs`);
    if (!subject.startsWith('asphalt')) return;
    rmSync(new URL(`${name}-built`, folder), { recursive: true, force: true });
    buildApplication(folder, name, `${name}.js:App`);
  },
  async sample(subject) {
    const cache = subject === 'asphalt' ? 'off' : 'on';
    const { stdout, stderr } = spawnSync(process.execPath, [programOf(subject)], {
      cwd: fileURLToPath(folder),
      encoding: 'utf8',
      env: { ...process.env, ASPHALT_CODE_CACHE: cache, NODE_ENV: 'production' },
    });
    const [line = ''] = stdout.match(/^\{"time".*$/m) ?? [];
    if (line === '') throw new Error(`The program printed "${stdout}${stderr}"`);
    const { time, fault } = JSON.parse(line) as { readonly time: number; readonly fault?: string };
    if (fault !== undefined) throw new Error(`Wrong result: ${fault}`);
    return { value: time };
  },
};

function programOf(subject: string): string {
  const name = fileName(subject);
  if (subject in others) return `./${name}.mjs`;
  return subject === 'hand' ? `${name}.js` : `${name}-built/main.js`;
}

function graphOf(isSmoke: boolean): Graph {
  return layeredGraph(isSmoke ? 60 : 1000);
}
