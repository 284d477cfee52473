/** Random applications behave alike as sources and as bundles. Each application is built into a bundle of its own. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { useAsphalt } from '../asphalt-process.ts';
import { bundleRuns } from './bundles.ts';
import type { Description } from './description.ts';
import { InProcessRuns } from './in-process.ts';
import { applications } from './random-application.ts';
import { selectionOf } from './selection.ts';

useAsphalt();

// One process for each core: the time limits of components are real.
vi.setConfig({ testTimeout: 300_000, maxConcurrency: 2 });

const standard = 10;
const { count, seed } = selectionOf('bundles', standard);
const codes = new Set<number | null>();
let replanned = 0;

test.concurrent.for(await buildable())(
  'a bundle behaves like its sources: application %i',
  async ([index, description], { onTestFailed }) => {
    onTestFailed(() => console.error(`application ${index} of seed ${seed}: ${JSON.stringify(description)}`));
    const { build, plain, changed } = await bundleRuns(description);
    expect(build).toMatchObject({ code: 0, stderr: '' });
    expect(plain.built).toEqual(plain.unbuilt);
    expect(changed.built).toEqual(changed.unbuilt);
    expect(plain.isReplanned).toBe(false);
    codes.add(plain.unbuilt.code);
    if (changed.isReplanned) replanned += 1;
  },
);

test('these applications end in several ways, and some of them plan again after a change', () => {
  // A few applications cannot show everything.
  if (count < standard) return;
  expect(codes.size).toBeGreaterThan(2);
  expect(replanned).toBeGreaterThan(1);
});

/** Generates applications and leaves out those with problems that end a build. */
async function buildable(): Promise<Array<[index: number, description: Description]>> {
  const candidates = fc.sample(applications({ size: 14, ownsProcess: true }), { numRuns: count * 2, seed });
  const found: Array<[number, Description]> = [];
  for (const description of candidates) {
    if (found.length === count) return found;
    using runs = new InProcessRuns(description);
    if ((await runs.build()) !== undefined) found.push([found.length, description]);
  }
  throw new Error(`Only ${found.length} of ${candidates.length} applications can be built`);
}
