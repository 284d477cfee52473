import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.mjs';

export default defineConfig({
  // Tests run from sources: the `source` export condition resolves the workspace's packages.
  resolve: { conditions: ['source'] },
  ssr: {
    resolve: {
      conditions: ['source'],
      // The test processes use these conditions too. With `import`, `require` of CommonJS packages would fail there.
      externalConditions: ['source', 'node'],
    },
  },
  test: {
    include: ['{packages,apps}/*/test/**/*.test.ts', 'scripts/test/*.test.mjs'],
    setupFiles: ['scripts/printed-secrets.mjs', 'scripts/reachable-secrets.mjs', 'scripts/thrown-codes.mjs'],
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    // Tests wait for processes and servers for a third of their time, so a machine with two cores can run two files at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
