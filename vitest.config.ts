import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests run from sources: the workspace's packages are resolved through their `source` export condition.
  resolve: { conditions: ['source'] },
  ssr: {
    resolve: {
      conditions: ['source'],
      // These also become conditions of the test processes, where `import` would break what CommonJS packages require.
      externalConditions: ['source', 'node'],
    },
  },
  test: {
    include: ['{packages,apps}/*/test/**/*.test.ts', 'scripts/test/*.test.mjs'],
    setupFiles: ['scripts/printed-secrets.mjs'],
    testTimeout: 20_000,
  },
});
