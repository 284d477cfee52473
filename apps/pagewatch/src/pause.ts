/** The longest delay of a timer, 24.8 days. A timer with a longer delay fires immediately. */
export const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits for any length of time.
 *
 * @throws the abort reason when `abort` fires
 */
export async function pause(ms: number, abort: AbortSignal): Promise<void> {
  abort.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout;
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abort.reason as Error);
    };
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, longestTimerMs);
      timer = setTimeout(() => {
        if (leftMs > stepMs) return wait(leftMs - stepMs);
        abort.removeEventListener('abort', onAbort);
        resolve();
      }, stepMs);
    };
    abort.addEventListener('abort', onAbort, { once: true });
    wait(ms);
  });
}
