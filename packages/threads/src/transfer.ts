/** Values that go to another thread by being moved instead of copied. Used on both sides, so it imports nothing heavy. */
import type { TransferListItem } from 'node:worker_threads';

const lists = new WeakMap<object, readonly TransferListItem[]>();

/**
 * Has a value moved instead of copied when it next goes to, or comes back from, a thread: as an argument, as a result or
 * as an item of a stream. Whoever sent it cannot use what was moved any more.
 *
 * @param value - given back as it is
 * @param items - what of it is moved: array buffers, message ports, streams
 * @example await image.resize(transfer(pixels, [pixels.buffer]))
 */
export function transfer<T extends object>(value: T, items: readonly TransferListItem[]): T {
  lists.set(value, items);
  return value;
}

/** What is moved of the given values; each is asked once. @internal */
export function takeTransfers(values: readonly unknown[]): TransferListItem[] {
  let items: Set<TransferListItem> | undefined;
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    const list = lists.get(value);
    if (!list) continue;
    items ??= new Set();
    for (const item of list) items.add(item);
    lists.delete(value);
  }
  return items ? [...items] : [];
}
