/** Marks values that are moved to another thread instead of copied. Threads load this file, so it imports only types. */
import type { TransferListItem } from 'node:worker_threads';

const lists = new WeakMap<object, readonly TransferListItem[]>();

/**
 * Moves parts of a value instead of copying them when the value is next sent to or from a thread, as an argument, a result
 * or an item of a stream. The sender can no longer use the moved parts.
 *
 * @param value - the value that contains the items; returned unchanged
 * @param items - the parts to move: array buffers, message ports, streams
 * @example await image.resize(transfer(pixels, [pixels.buffer]))
 */
export function transfer<T extends object>(value: T, items: readonly TransferListItem[]): T {
  lists.set(value, items);
  return value;
}

/** Returns the items to move for the given values, and removes the marks of these values. @internal */
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
