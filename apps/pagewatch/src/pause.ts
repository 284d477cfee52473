import { callAfter } from '@asphalt/core';

/**
 * Waits for any length of time.
 *
 * @throws the abort reason when `abort` fires
 */
export async function pause(ms: number, abort: AbortSignal): Promise<void> {
  abort.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const cancel = callAfter(ms, () => {
      abort.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      cancel();
      reject(abort.reason as Error);
    };
    abort.addEventListener('abort', onAbort, { once: true });
  });
}
