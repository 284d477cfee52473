/** The thread's half of a stream. It produces items as long as the reader has room for them. */
import type { MessagePort } from 'node:worker_threads';
import type { StreamDemand, StreamItem } from '../messages.ts';
import { recordThrown } from '../thrown.ts';
import { takeTransfers } from '../transfer.ts';

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;

/** Returns the iterator of an async iterable or a generator. Other iterables, such as arrays, are copied as values. */
export function iteratorOf(value: unknown): AnyIterator | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { [Symbol.asyncIterator]: iterate } = value as Partial<AsyncIterable<unknown>>;
  if (iterate) return iterate.call(value);
  return isGenerator(value) ? value : undefined;
}

function isGenerator(value: object): value is Generator {
  return Symbol.iterator in value && 'next' in value && typeof value.next === 'function';
}

/**
 * Sends the items of an iterator through a port when the reader has room for them. Resolves when the stream has ended, also
 * after an error.
 */
export async function sendStream(iterator: AnyIterator, port: MessagePort): Promise<void> {
  let room = 0;
  let isWanted = true;
  let wake: (() => void) | undefined;
  port.on('message', (demand: StreamDemand) => {
    if ('more' in demand) room += demand.more;
    else isWanted = false;
    wake?.();
  });
  const send = (item: StreamItem): void => port.postMessage(item, 'value' in item ? takeTransfers([item.value]) : []);
  try {
    while (isWanted) {
      if (room === 0) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      const { value, done } = await iterator.next();
      if (done === true) return send({ done, value });
      send({ value });
      room--;
    }
    await iterator.return?.();
    send({ done: true, value: undefined });
  } catch (error) {
    send({ thrown: recordThrown(error) });
  } finally {
    port.close();
  }
}
