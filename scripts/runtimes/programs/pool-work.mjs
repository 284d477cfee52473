import { isMainThread } from 'node:worker_threads';

export const isElsewhere = () => !isMainThread;

/** @param {string} text */
export const say = (text) => text;

export function* count(end) {
  for (let number = 1; number <= end; number++) yield number;
}

export function shout(text) {
  throw new RangeError(`too loud: ${text}`.slice(0, 8));
}

/** Blocks its thread forever. */
export function forever() {
  for (;;);
}
