/** Random applications behave alike when they are planned at startup and when their plan comes from the tables of a build. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InProcessRuns, type Observation } from './in-process.ts';
import { applications } from './random-application.ts';
import { selectionOf } from './selection.ts';

const { count: numRuns, seed } = selectionOf('applications', 200);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const replanning = 'info : Planning at startup: ';

/** Returns an observation without the line that a built application logs when its configuration differs. */
function withoutReplanning(observation: Observation): Observation {
  return { ...observation, lines: observation.lines.filter((line) => !line.startsWith(replanning)) };
}

/** What a run shows, for counting. */
const features: Readonly<Record<string, (built: Observation) => boolean>> = {
  planned: ({ plan }) => plan !== undefined,
  replanned: ({ lines }) => lines.some((line) => line.startsWith(replanning)),
  refused: ({ plan, failures }) => plan === undefined && failures.length > 0,
  started: ({ lines }) => lines.includes('info : Application started'),
  'failed to start': ({ failures }) => failures.some((failure) => failure.startsWith('ERR_COMPONENT_START')),
  'several failures': ({ failures }) => failures.some((failure) => failure.startsWith('ERR_START:')),
  'timed out': ({ failures }) => failures.some((failure) => failure.includes('start limit')),
  cancelled: ({ failures }) => failures.some((failure) => failure.startsWith('ERR_START_CANCELLED')),
  'failed to stop': ({ failures }) => failures.some((failure) => failure.startsWith('ERR_STOP')),
  'failed in a task': ({ failures }) => failures.some((failure) => failure.startsWith('ERR_TASK_CRASHED')),
  'failed in a handler': ({ lines }) => lines.some((line) => line.includes('handle fails')),
  restarted: ({ lines }) => lines.some((line) => /^info : restart .*: done$/.test(line)),
  'changed a resource name': ({ lines }) => lines.some((line) => line.includes('the name of a resource, changed')),
  'added a component': ({ lines }) => lines.some((line) => line.includes('was added after the build')),
  'disabled a component': ({ lines }) => lines.some((line) => line.includes('was disabled after the build')),
  'replaced a class': ({ lines }) => lines.some((line) => /the class of \S+ changed/.test(line)),
};

test(`${numRuns} random applications behave alike with the plan of a build`, { timeout: 1_800_000 }, async () => {
  const counts = new Map(Object.keys(features).map((name) => [name, 0]));
  const property = fc.asyncProperty(applications({ size: 12, ownsProcess: false }), async (description) => {
    using runs = new InProcessRuns(description);
    const data = await runs.build();
    fc.pre(data !== undefined);
    for (const isChanged of [false, true]) {
      const unbuilt = await runs.unbuilt(isChanged);
      const built = await runs.built(isChanged, data);
      expect(withoutReplanning(built)).toEqual(unbuilt);
      // Without a change, the tables always fit.
      if (!isChanged) expect(built.lines.filter((line) => line.startsWith(replanning))).toEqual([]);
      for (const [name, has] of Object.entries(features)) if (has(built)) counts.set(name, counts.get(name)! + 1);
    }
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: true });
  expect([...counts].filter(([, count]) => count === 0)).toEqual([]);
});
