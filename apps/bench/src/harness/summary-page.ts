/** Writes the page of the reference: one table of the figures that a reader asks for first. */
import { numberText, rowText, type Measured } from './report.ts';
import type { Spread } from './statistics.ts';
import { machineText } from './surroundings.ts';

interface Row {
  readonly workload: string;
  readonly what: string;
  /** The subjects next to Asphalt and the yardstick. */
  readonly others: readonly string[];
}

export const summaryRows: readonly Row[] = [
  {
    workload: 'start-1000',
    what: 'declare, check, start and stop 1,000 services',
    others: ['avvio', '@loopback/core', 'effect', '@nestjs/core'],
  },
  {
    workload: 'test-start',
    what: 'check, start and stop 100 components in a test',
    others: [],
  },
  {
    workload: 'request-context',
    what: 'open a context, create five values in it and close it',
    others: ['@inferdi/inferdi', 'awilix', 'effect', '@nestjs/core'],
  },
  {
    workload: 'lookup',
    what: 'look up a resource',
    others: ['awilix', 'inversify', 'effect', '@nestjs/core'],
  },
  {
    workload: 'signal-10',
    what: 'send an event to ten subscribers',
    others: ['nanoevents', 'eventemitter3', 'mitt', 'Subject'],
  },
  {
    workload: 'health-1000',
    what: 'report the health of 1,000 components',
    others: [],
  },
  {
    workload: 'web-hello',
    what: 'answer a request under load',
    others: ['fastify', '@nestjs/core'],
  },
  {
    workload: 'cli-hello',
    what: 'print hello and exit',
    others: ['effect', '@nestjs/core'],
  },
];

export function summaryPage(measured: readonly Measured[]): string {
  const head = ['operation', 'Asphalt', 'yardstick', 'Asphalt ÷ yardstick', 'others ÷ yardstick'];
  const rows = summaryRows.flatMap((row) => {
    const found = measured.find(({ workload }) => workload.name === row.workload);
    return found === undefined ? [] : [rowText(cellsOf(row, found))];
  });
  return `# Benchmarks

Written by \`npm run bench\` from [the results of all workloads](../../apps/bench/RESULTS.md). [How it
measures](../../apps/bench/README.md) is on another page. Less is better everywhere. Numbers are medians. The yardstick
is hand-written code if there is some, otherwise the usual alternative. Ratios compare samples of the same round. The
last column is a selection; the links lead to all subjects.

${[rowText(head), rowText(['---', '---:', '---:', '---:', '---']), ...rows].join('\n')}

${machineText()}
`;
}

function cellsOf({ workload: name, what, others }: Row, { workload, results }: Measured): string[] {
  const resultOf = (subject: string) => results.find((result) => result.subject === subject);
  const valueOf = (subject: string) => textOf(resultOf(subject)?.value, ` ${workload.unit}`);
  const ratioOf = (subject: string) => resultOf(subject)?.ratio?.median ?? Infinity;
  const sorted = others.toSorted((a, b) => ratioOf(a) - ratioOf(b));
  return [
    `[${what}](../../apps/bench/RESULTS.md#${name})`,
    valueOf('asphalt'),
    `${workload.yardstick}: ${valueOf(workload.yardstick!)}`,
    textOf(resultOf('asphalt')?.ratio),
    sorted.map((other) => `${other} ${textOf(resultOf(other)?.ratio)}`).join(', '),
  ];
}

function textOf(spread: Spread | undefined, unit = ''): string {
  return spread === undefined ? 'fails' : `${numberText(spread.median)}${unit}`;
}
