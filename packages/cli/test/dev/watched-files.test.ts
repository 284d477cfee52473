import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { tempFolder } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { WatchedFiles } from '../../src/dev/watched-files.ts';

test.each([0, 1, 2, 5, 20])('reports a missing file that appears %i turns after it was added', async (turns) => {
  const folder = tempFolder();
  const files = new WatchedFiles();
  try {
    const file = join(folder, 'missing.txt');
    files.markStart();
    files.add(file);
    files.add(file);
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    writeFileSync(file, 'content');
    expect(await files.changed()).toEqual([file]);
  } finally {
    await files.close();
  }
});
