/** Measures whole applications in new processes: declaring, checking, starting and stopping. */
import type { Subject, Workload } from '../harness/workload.ts';
import { asphalt, bareDecorators, hand } from '../start/asphalt.ts';
import { awilix, ditsmod, inferdi, inversify, tsyringe, typedInject } from '../start/containers.ts';
import { avvio, cordis, effect, loopback, nestjs } from '../start/frameworks.ts';
import { chainGraph, layeredGraph, type Graph } from '../start/graph.ts';
import { runProgram, writeProgram } from '../start/programs.ts';
import type { Program } from '../start/text.ts';

/** The cost of Asphalt's program without Asphalt; no library. */
const bare = 'decorators alone';

const programs: Readonly<Record<string, Program>> = {
  asphalt,
  hand,
  [bare]: bareDecorators,
  '@nestjs/core': nestjs,
  effect,
  '@ditsmod/core': ditsmod,
  '@loopback/core': loopback,
  avvio,
  awilix,
  tsyringe,
  'typed-inject': typedInject,
  inversify,
  '@inferdi/inferdi': inferdi,
  cordis,
};

const smokeCount = 60;

export function startWorkload(count: number): Workload {
  return {
    ...applications(`start-${count}`, (isSmoke) => layeredGraph(isSmoke ? smokeCount : count)),
    measures: `An application of ${count} services in layers of 50, each with three needs in the previous layer, is declared, checked, started and stopped in a new process; the loading of libraries is a separate column.`,
    target: 'asphalt ≤ 2 × hand, and ≥ 3 × faster than every subject with a life cycle',
  };
}

export function startDeep(depth: number): Workload {
  return {
    ...applications(`start-deep-${depth}`, (isSmoke) => chainGraph(isSmoke ? 10 : depth)),
    measures: `An application of ${depth} services, each with a need of the previous one, is declared, checked, started and stopped in a new process.`,
    target: 'asphalt finishes',
  };
}

function applications(
  name: string,
  graphOf: (isSmoke: boolean) => Graph,
): Pick<Workload, 'name' | 'unit' | 'yardstick' | 'subjects' | 'prepare' | 'sample'> {
  const set = (isSmoke: boolean): string => (isSmoke ? `${name}-smoke` : name);
  return {
    name,
    unit: 'ms',
    yardstick: 'hand',
    subjects: Object.keys(programs).map(subjectOf),
    prepare: (subject, effort) => {
      const isSmoke = effort === 'smoke';
      return writeProgram(set(isSmoke), subject, programs[subject]!, graphOf(isSmoke));
    },
    async sample(subject, effort) {
      const isSmoke = effort === 'smoke';
      const run = await runProgram(set(isSmoke), subject, programs[subject]!, graphOf(isSmoke));
      const { importing, declaring, building, starting, stopping, cpu } = run;
      return {
        value: declaring + building + starting + stopping,
        beside: {
          'import, ms': importing,
          'declare, ms': declaring,
          'build, ms': building,
          'start, ms': starting,
          'stop, ms': stopping,
          'CPU, ms': cpu,
        },
      };
    },
  };
}

function subjectOf(name: string): Subject {
  const note = `stops ${programs[name]!.stops}`;
  if (name === 'hand') return { name, note };
  if (name === bare) return { name, note: `the program of asphalt, run by a loop; ${note}` };
  return { name, package: name === 'asphalt' ? '@asphalt/core' : name, note };
}
