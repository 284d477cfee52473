/** `asphalt queues list`, `dead` and `retry`. */
import type { Shell } from '../terminal/shell.ts';
import { columns } from '../terminal/columns.ts';
import { printable } from '../terminal/printable.ts';
import { QueuesSelectionError } from './errors.ts';
import { withMessaging, type Messaging, type QueuesArguments } from './messaging.ts';

export interface QueuesOptions extends QueuesArguments {
  readonly shell: Shell;
}

export type QueuesFormat = 'text' | 'json';

/** Lists the queues with their numbers. @returns the exit code: 1 if a queue has dead letters */
export async function list({
  shell,
  format,
  ...args
}: QueuesOptions & { readonly format: QueuesFormat }): Promise<number> {
  const { stdout, stderr } = shell;
  const states = await withMessaging(args, stderr, (messaging) => messaging.states());
  if (format === 'json') {
    const described = states.map(({ oldestMs = null, ...state }) => ({ ...state, oldestMs }));
    stdout.write(`${JSON.stringify(described, undefined, 2)}\n`);
  } else if (states.length === 0) stdout.write('The engine stores no queue\n');
  else {
    const rows = states.map(({ name, ready, delayed, running, dead, oldestMs }) => [
      printable(name),
      ...[ready, delayed, running, dead].map(String),
      oldestMs === undefined ? '-' : age(oldestMs),
    ]);
    stdout.write(`${columns([['queue', 'ready', 'delayed', 'running', 'dead', 'oldest'], ...rows]).join('\n')}\n`);
  }
  return states.every(({ dead }) => dead === 0) ? 0 : 1;
}

export interface QueueOptions extends QueuesOptions {
  /** The name of the queue, or of a group as `topic.group`. */
  readonly name: string;
}

/** Lists the dead letters of a queue without their payloads, which may be secret. @returns the exit code */
export async function dead({
  shell,
  name,
  format,
  ...args
}: QueueOptions & { readonly format: QueuesFormat }): Promise<number> {
  const { stdout, stderr } = shell;
  const found = await withMessaging(
    args,
    stderr,
    async (messaging) => (await messaging.deadLetters(name)) ?? fail(name, messaging),
  );
  const letters = found.map(({ id, reason, code, attempts, failedAt }) => ({ id, failedAt, attempts, code, reason }));
  if (format === 'json') stdout.write(`${JSON.stringify(letters, undefined, 2)}\n`);
  else if (letters.length === 0) stdout.write('The queue has no dead letters\n');
  else {
    const rows = letters.map(({ id, failedAt, attempts, code = '-', reason }) => [
      printable(id),
      failedAt.toISOString(),
      String(attempts),
      code,
      printable(reason),
    ]);
    stdout.write(`${columns([['id', 'failed at', 'attempts', 'code', 'reason'], ...rows]).join('\n')}\n`);
  }
  return 0;
}

/** Sends dead letters of a queue again. @returns the exit code */
export async function retry({
  shell,
  name,
  ids,
  ...args
}: QueueOptions & { readonly ids: readonly string[] }): Promise<number> {
  const { stdout, stderr } = shell;
  const count = await withMessaging(
    args,
    stderr,
    async (messaging) =>
      (await messaging.retryDeadLetters(name, ids.length === 0 ? undefined : ids)) ?? fail(name, messaging),
  );
  stdout.write(
    count === 0 ? 'No dead letter was sent again\n' : `Sent ${count} dead letter${count === 1 ? '' : 's'} again\n`,
  );
  return 0;
}

async function fail(name: string, messaging: Messaging): Promise<never> {
  const states = await messaging.states();
  throw new QueuesSelectionError({ kind: 'no-queue', queues: states.map((state) => state.name) }, name);
}

function age(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
