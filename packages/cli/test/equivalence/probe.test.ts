import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InProcessRuns } from './in-process.ts';
import { applications } from './random-application.ts';
import { sourcesOf } from './sources.ts';
import { writeFileSync } from 'node:fs';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
});
afterEach(() => void vi.useRealTimers());

test('probe', async () => {
  const counts = new Map<string, number>();
  const all = fc.sample(applications({ size: 8, ownsProcess: false }), {
    numRuns: Number(process.env['N'] ?? 20),
    seed: 3,
  });
  for (const [index, description] of all.entries()) {
    const runs = new InProcessRuns(description);
    for (const isChanged of [false, true]) {
      const a = await runs.unbuilt(isChanged);
      const b = await runs.built(isChanged);
      const key = `${isChanged} ${
        a.plan === undefined
          ? 'no plan ' +
            (a.failures[0] ?? '')
              .split('\n')[0]!
              .replace(/[`"].*?[`"]/g, 'X')
              .slice(0, 60)
          : 'code ' + a.exitCode
      }`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (index === 4)
        writeFileSync(
          '/tmp/equivalence/app.ts',
          Object.values(sourcesOf(description)).slice(1).join('\n//--\n') + a.lines.join('\n') + a.failures.join('\n'),
        );
      try {
        expect(b).toEqual(a);
      } catch (e) {
        counts.set('DIFF', (counts.get('DIFF') ?? 0) + 1);
        if (counts.get('DIFF')! < 3) console.log(String((e as Error).message), JSON.stringify(description.settings));
      }
    }
    runs[Symbol.dispose]();
  }
  console.log(counts);
}, 600_000);
