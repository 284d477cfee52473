/** Random applications behave alike as sources and as bundles. Each application is built into a bundle of its own. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { useAsphalt } from '../asphalt-process.ts';
import { bundleRuns } from './bundles.ts';
import type { Description } from './description.ts';
import { InProcessRuns } from './in-process.ts';
import { applications } from './random-application.ts';

useAsphalt();

vi.setConfig({ testTimeout: 120_000, maxConcurrency: 2 });

const codes = new Set<number | null>();

test.concurrent.each(await plannable(Number(process.env['N'] ?? 10)))(
  'the application number %i behaves alike built and unbuilt',
  async (_, description) => {
    const { build, plain, changed } = await bundleRuns(description);
    expect(build).toMatchObject({ code: 0, stderr: '' });
    expect(plain.built).toEqual(plain.unbuilt);
    expect(changed.built).toEqual(changed.unbuilt);
    expect(plain.unbuilt.stdout).toContain('Starting application');
    codes.add(plain.unbuilt.code);
  },
);

async function plannable(count: number): Promise<Array<[number, Description]>> {
  const candidates = fc.sample(applications({ size: 14, ownsProcess: true }), { numRuns: count * 3, seed: 1 });
  const found: Array<[number, Description]> = [];
  for (const description of candidates) {
    if (found.length === count) break;
    using runs = new InProcessRuns(description);
    if (await runs.canBeBuilt()) found.push([found.length, description]);
  }
  return found;
}
