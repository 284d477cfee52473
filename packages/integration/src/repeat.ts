import { backOff, type BackOff } from './back-off.ts';
import { pause } from './time.ts';

export interface Repetition {
  /** Ends the repetition. The work must end when it aborts. */
  readonly stopping: AbortSignal;
  /** The bounds of the delays after failures. */
  readonly delays: BackOff;
  /** Called with the first of several errors in a row. */
  readonly onError: (error: unknown) => void;
}

/** Repeats some work until `stopping` aborts, for example to consume a queue again after each outage. Never rejects. */
export async function repeat(work: () => Promise<unknown>, { stopping, delays, onError }: Repetition): Promise<void> {
  for (let failures = 0; !stopping.aborted;) {
    try {
      if (failures > 0) await pause(backOff(failures, delays), stopping);
      await work();
      failures = 0;
    } catch (error) {
      if (!stopping.aborted && failures++ === 0) onError(error);
    }
  }
}
