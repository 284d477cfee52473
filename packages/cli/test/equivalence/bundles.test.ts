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
vi.setConfig({ testTimeout: 120_000, maxConcurrency: 2 });

const selection = selectionOf('bundles', 10);
const codes = new Set<number | null>();

test.concurrent.each(await buildable())(
  'a bundle behaves like its sources: application %i',
  async (index, description) => {
    const { build, plain, changed } = await bundleRuns(description);
    const which = `application ${index} of seed ${selection.seed}: ${JSON.stringify(description)}`;
    expect(build, which).toMatchObject({ code: 0, stderr: '' });
    expect(plain.built, which).toEqual(plain.unbuilt);
    expect(changed.built, which).toEqual(changed.unbuilt);
    expect(plain.isReplanned, which).toBe(false);
    codes.add(plain.unbuilt.code);
  },
);

test('some of these applications end well, some fail, and some end with a code of their own', () => {
  expect([...codes].sort()).toEqual([0, 1, 3, 7]);
});

/** Generates applications and leaves out those with problems that end a build. */
async function buildable(): Promise<Array<[index: number, description: Description]>> {
  const { count, seed } = selection;
  const candidates = fc.sample(applications({ size: 14, ownsProcess: true }), { numRuns: count * 2, seed });
  const found: Array<[number, Description]> = [];
  for (const description of candidates) {
    if (found.length === count) return found;
    using runs = new InProcessRuns(description);
    if ((await runs.build()) !== undefined) found.push([found.length, description]);
  }
  throw new Error(`Only ${found.length} of ${candidates.length} applications can be built`);
}
