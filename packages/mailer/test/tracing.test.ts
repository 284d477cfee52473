import type { CallTrace } from '@asphalt/core/tracing';
import { recordTraces } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';

import { MailMessageError } from '../src/errors.ts';
import { MemoryMailer } from '../src/memory-mailer.ts';

test('a mail is published without its addresses, until it is sent or has failed', async () => {
  const { seen, unsubscribe } = recordTraces<CallTrace>('asphalt.call');
  onTestFinished(unsubscribe);
  const mailer = new MemoryMailer();
  await mailer.send({ from: 'ada@example.org', to: 'bob@example.org' });
  expect(seen.map(([channel]) => channel)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  expect(seen[0]![1]).toEqual({ kind: 'mail', target: 'MemoryMailer', operation: 'send' });
  await expect(mailer.send({ to: 'bob@example.org' })).rejects.toThrow(MailMessageError);
  expect(seen.map(([channel]) => channel)).toContain('error');
});
