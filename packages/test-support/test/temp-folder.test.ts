import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '@asphalt/test-support';

const created: string[] = [];
beforeEach(() => void created.push(tempFolder()));

test('a temporary folder contains its files', () => {
  const folder = tempFolder({ 'a/b.txt': 'text' });
  created.push(folder);
  expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('text');
});

test('the folders of an earlier test and of its beforeEach are removed', () => {
  const [before, inTest, current] = created;
  expect([before, inTest, current].map((folder) => existsSync(folder!))).toEqual([false, false, true]);
});
