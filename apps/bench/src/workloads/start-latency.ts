/** Measures starts that wait. If each service starts as soon as its needs are met, only the critical path counts. */
import type { Workload } from '../harness/workload.ts';
import { asphalt, hand } from '../start/asphalt.ts';
import { inversify } from '../start/containers.ts';
import { avvio, cordis, effect, loopbackProviders, nestjs, nestjsOnModuleInit } from '../start/frameworks.ts';
import { layeredGraph, type Graph } from '../start/graph.ts';
import { runProgram, writeProgram } from '../start/programs.ts';
import type { Program } from '../start/text.ts';

const onModuleInit = '@nestjs/core (onModuleInit)';

const programs: Readonly<Record<string, Program>> = {
  asphalt,
  hand,
  inversify,
  effect,
  '@nestjs/core': nestjs,
  [onModuleInit]: nestjsOnModuleInit,
  '@loopback/core': loopbackProviders,
  avvio,
  cordis,
};

/** The number of services and their start times, by workload. */
const variants = {
  a: { count: 301, what: '5 ms each', startMs: () => 5 },
  b: { count: 301, what: '1 to 20 ms, uneven', startMs: (index: number) => 1 + ((index * 7919) % 20) },
  c: { count: 1001, what: '10 ms each', startMs: () => 10 },
};

export function startLatency(variant: keyof typeof variants): Workload {
  const name = `start-latency-${variant}`;
  const { count, what, startMs } = variants[variant];
  const set = { full: name, smoke: `${name}-smoke` };
  const graphs: Record<'full' | 'smoke', () => Graph> = {
    full: () => layeredGraph(count, startMs),
    smoke: () => layeredGraph(60, () => 1),
  };
  return {
    name,
    measures: `${count} services in layers of 50, each with three needs in the previous layer, are started; their starts wait ${what}. The phases before (declaring, building) and after are separate columns, if the subject separates them.`,
    unit: 'ms',
    yardstick: 'hand',
    target: 'asphalt ≤ 1.03 × hand',
    subjects: [
      { name: 'asphalt', package: '@asphalt/core' },
      { name: 'hand', note: 'promises' },
      { name: 'inversify', package: 'inversify', note: '`@postConstruct`' },
      { name: 'effect', package: 'effect', note: 'layers' },
      { name: '@nestjs/core', package: '@nestjs/core', note: 'asynchronous factories' },
      { name: onModuleInit, package: '@nestjs/core', note: 'a module for each' },
      { name: '@loopback/core', package: '@loopback/core', note: 'asynchronous providers' },
      { name: 'avvio', package: 'avvio' },
      { name: 'cordis', package: 'cordis' },
    ],
    prepare: (subject, effort) => writeProgram(set[effort], subject, programs[subject]!, graphs[effort]()),
    async sample(subject, effort) {
      const graph = graphs[effort]();
      const run = await runProgram(set[effort], subject, programs[subject]!, graph);
      const value = run.starting;
      return {
        value,
        beside: {
          '÷ critical path': value / graph.criticalMs,
          'import, ms': run.importing,
          'declare, ms': run.declaring,
          'build, ms': run.building,
          'stop, ms': run.stopping,
        },
      };
    },
  };
}
