/**
 * Program of `npm run test:crash -- leader`: kills and freezes leaders on all engines, and fails if two of them have written
 * fenced data at the same time.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '@asphalt/test-support/processes';
import { crashLeaders, type LeaderCrashFigures } from './crash-leaders.ts';
import { engines } from './engines.ts';
import type { Figures } from './fenced-data.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    engine: { type: 'string', multiple: true, default: engines.map(({ name }) => name) },
  },
});

const startedAt = performance.now();
const random = seededRandom(Number(values.seed));
const selected = engines.filter(({ name }) => values.engine.includes(name));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function print(figures: Omit<LeaderCrashFigures, 'fence' | 'writer'>): string {
  const { kills, freezes, terms, writes, refused, refusedUnfrozen, overlaps, slowestMs } = figures;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return `${kills} kills, ${freezes} freezes, ${terms} terms, ${writes} writes, ${refused} refused (${refusedUnfrozen} of processes that were never frozen), ${overlaps} overlaps, the slowest takeover in ${Math.round(slowestMs)} ms, after ${seconds} s`;
}

say(`Seed ${values.seed}, a lease of 300 ms, three processes per engine`);
for (const [index, engine] of selected.entries()) {
  // Otherwise the test would not notice overlaps.
  const control = await crashLeaders(engine, { rounds: 20, random, isFenced: false });
  say(`${engine.name} without fencing: ${print(control)}`);
  if (control.overlaps === 0) say('Without fencing, the test must find overlaps');
  const before = Math.floor((Number(values.rounds) * index) / selected.length);
  const rounds = Math.floor((Number(values.rounds) * (index + 1)) / selected.length) - before;
  const onRound = (round: number, figures: Figures): void => {
    const { terms, refused, overlaps } = figures;
    if (round % 100 === 0)
      say(`${engine.name}: round ${round}, ${terms} terms, ${refused} refused, ${overlaps} overlaps`);
  };
  const figures = await crashLeaders(engine, { rounds, random, onRound });
  say(`${engine.name} with fencing: ${print(figures)}`);
  if (control.overlaps === 0 || figures.overlaps > 0) process.exitCode = 1;
}
