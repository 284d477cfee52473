// Orders the test files. Without times of an earlier run, as on CI, vitest starts large files first. Files that wait for
// servers and processes for more than half a minute are small, so one worker would run the last of them alone.

import { BaseSequencer } from 'vitest/node';

const longest =
  /\/(messaging\/test\/(nats|redis|postgres)\/.*contract|crash-leaders|bench\/test\/workloads|orders\/test\/e2e\/services|bundles|kinds|packed)\.test\.ts$/;

export class LongestFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }) => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
