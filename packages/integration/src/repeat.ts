import { backOff, type BackOff } from './back-off.ts';
import { pause } from './time.ts';

/**
 * Repeats some work until `stopping` aborts, for example to consume a queue again after each outage. Never rejects.
 *
 * @param work - must end when `stopping` aborts
 * @param options - `delays` are the bounds of the delays after failures; `onError` receives the first of several errors in a row
 */
export async function repeat(
  work: () => Promise<unknown>,
  stopping: AbortSignal,
  options: { readonly delays: BackOff; readonly onError: (error: unknown) => void },
): Promise<void> {
  for (let failures = 0; !stopping.aborted;) {
    try {
      if (failures > 0) await pause(backOff(failures, options.delays), stopping);
      await work();
      failures = 0;
    } catch (error) {
      if (!stopping.aborted && failures++ === 0) options.onError(error);
    }
  }
}
