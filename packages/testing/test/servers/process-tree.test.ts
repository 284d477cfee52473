import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { processTree, runningOf, signalAll } from '../../src/servers/process-tree.ts';

test('the tree of a process has its descendants in other process groups, and ends with its root', async () => {
  // Each shell prints the id of the sleeping process that it starts in a process group of its own.
  const inner = 'set -m; sleep 100 & echo $!; wait';
  const root = spawn('/bin/sh', ['-c', `set -m; sh -c '${inner}' & echo $!; wait`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void root.kill('SIGKILL'));
  const ids: number[] = [];
  for await (const line of createInterface({ input: root.stdout })) if (ids.push(Number(line)) === 2) break;

  const tree = processTree(root.pid!);
  expect(tree).toHaveLength(3);
  expect(tree).toEqual(expect.arrayContaining([root.pid, ...ids]));
  const exit = once(root, 'exit');
  signalAll(tree, 'SIGKILL');
  await exit;
  while (runningOf(tree).length > 0) await new Promise(setImmediate);
  signalAll(tree, 'SIGKILL');
});
