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
 * after an error. If the reader leaves, the iterator's `return` is called at once, even while an item is pending: an
 * iterator that is not a generator may end its wait then.
 */
export function sendStream(iterator: AnyIterator, port: MessagePort): Promise<void> {
  return new Promise((resolve) => {
    let room = 0;
    let isRead = true;
    let hasEnded = false;
    let wake: (() => void) | undefined;
    const send = (item: StreamItem): void => port.postMessage(item, 'value' in item ? takeTransfers([item.value]) : []);
    const end = (last: StreamItem): void => {
      if (hasEnded) return;
      send(last);
      hasEnded = true;
      port.close();
    };
    const fail = async (error: unknown): Promise<void> => {
      end({ thrown: recordThrown(error) });
      // An item that cannot be sent leaves its generator open. As in a loop, the first error hides that of the end.
      await Promise.resolve(iterator.return?.()).catch(() => undefined);
      resolve();
    };
    const produce = async (): Promise<void> => {
      while (isRead) {
        if (room === 0) {
          await new Promise<void>((proceed) => (wake = proceed));
          continue;
        }
        const { value, done } = await iterator.next();
        if (!isRead) return;
        if (done === true) {
          end({ done, value });
          return resolve();
        }
        send({ value });
        room--;
      }
    };
    const leave = async (): Promise<void> => {
      isRead = false;
      wake?.();
      await iterator.return?.();
      end({ done: true, value: undefined });
      resolve();
    };
    port.on('message', (demand: StreamDemand) => {
      if ('end' in demand) return void leave().catch(fail);
      room += demand.more;
      wake?.();
    });
    produce().catch(fail);
  });
}
