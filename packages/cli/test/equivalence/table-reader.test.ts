/** Random applications behave alike when they are planned at startup and when their plan comes from the tables of a build. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { configurationOf, withoutSets, type Configuration } from './configuration.ts';
import { InProcessRuns, type Observation } from './in-process.ts';
import { applications } from './random-application.ts';
import { selectionOf } from './selection.ts';

const standard = 200;
const { count: numRuns, seed, shrinks } = selectionOf('applications', standard);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const replanning = 'info : Planning at startup: ';

/** Expects the same behavior with the plan of a build. @returns what the built run shows */
async function compare(
  runs: InProcessRuns,
  data: string,
  isChanged: boolean,
  configuration: Configuration,
): Promise<Observation> {
  const unbuilt = await runs.unbuilt(isChanged);
  const built = await runs.built(isChanged, data);
  const lines = built.lines.filter((line) => !line.startsWith(replanning));
  expect(withoutSets({ ...built, lines }, configuration)).toEqual(withoutSets(unbuilt, configuration));
  return built;
}

function isReplanned({ lines }: Observation): boolean {
  return lines.some((line) => line.startsWith(replanning));
}

/** What a run shows, for counting. */
const features: Readonly<Record<string, (built: Observation) => boolean>> = {
  planned: ({ plan }) => plan !== undefined,
  replanned: isReplanned,
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
  const property = fc.asyncProperty(applications({ size: 9, ownsProcess: false }), async (description) => {
    using runs = new InProcessRuns(description);
    const data = await runs.build();
    fc.pre(data !== undefined);
    const plain = await compare(runs, data, false, configurationOf(description, false));
    const changed = await compare(runs, data, true, configurationOf(description, true));
    // Without a change, the tables always fit.
    expect(isReplanned(plain)).toBe(false);
    for (const [name, has] of Object.entries(features)) {
      counts.set(name, counts.get(name)! + [plain, changed].filter(has).length);
    }
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: !shrinks });
  // A few applications cannot show everything.
  const missing = [...counts].filter(([, count]) => count === 0 && numRuns >= standard).map(([name]) => name);
  expect(missing).toEqual([]);
});
