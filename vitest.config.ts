import { defineConfig } from 'vitest/config';

// Tests run from sources: the workspace's packages are resolved through their `source` export condition.
const conditions = ['source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,apps}/*/test/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
