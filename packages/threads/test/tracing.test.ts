import { Context } from '@asphalt/core';
import type { CallTrace } from '@asphalt/core/tracing';
import { recordTraces } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { workIn } from './use-pool.ts';

test('a call is published with its pool, function and context, until it has ended', async () => {
  const work = await workIn({ name: 'images' });
  const { seen, unsubscribe } = recordTraces<CallTrace>('asphalt.call');
  onTestFinished(unsubscribe);
  await using context = new Context('request');
  expect(await work.double.with({ context })(2)).toBe(4);
  expect(seen.map(([channel]) => channel)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  expect(seen[0]![1]).toEqual({ kind: 'thread', target: 'images', operation: 'double() of work.ts', context });
});

test('an observed stream has its items, and a failing call publishes its error', async () => {
  const work = await workIn();
  const { seen, unsubscribe } = recordTraces<CallTrace>('asphalt.call');
  onTestFinished(unsubscribe);
  const items: number[] = [];
  for await (const item of work.squares(3)) items.push(item);
  expect(items).toHaveLength(3);
  seen.length = 0;
  await expect(work.fail('text')).rejects.toBe('plain text');
  expect(seen.map(([channel]) => channel)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
});
