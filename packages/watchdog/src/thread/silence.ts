/** A time in which the main thread does not come round, and what is seen of it meanwhile. */
import type { Sample } from '../messages.ts';
import { MainThread } from './main-thread.ts';

export interface SilenceSettings {
  /** The inspector's session; undefined where the runtime has none that reaches the main thread. */
  readonly Session: ConstructorParameters<typeof MainThread>[0] | undefined;
  readonly ownerSymbol: string;
  /** How long a silence goes on until it is looked into. */
  readonly lookAfterMs: number;
  /** The main thread's clock. */
  readonly clock: () => number;
  /** When the main thread last came round. */
  readonly lastBeat: () => number;
}

export class Silence {
  readonly samples: Sample[] = [];
  /** When the main thread came round before. */
  readonly beat: number;
  readonly #settings: SilenceSettings;
  #since: number;
  #nextLook: number;
  #main: MainThread | undefined;
  #looking: Promise<void> | undefined;

  constructor(beat: number, settings: SilenceSettings) {
    this.beat = this.#since = beat;
    this.#settings = settings;
    this.#nextLook = beat + settings.lookAfterMs;
  }

  /** When it is worth while to watch. */
  get nextLook(): number {
    return this.#nextLook;
  }

  get wasLookedInto(): boolean {
    return this.#main !== undefined;
  }

  lengthAt(now: number): number {
    return now - this.#since;
  }

  /** For so long nothing of the process ran, which does not count. */
  excuse(ms: number): void {
    this.#since += ms;
    this.#nextLook += ms;
  }

  /** Looks at what the main thread does, if it is time; the longer it takes, the more seldom. */
  watch(now: number): void {
    const { Session, ownerSymbol, clock, lastBeat } = this.#settings;
    if (!Session || now < this.#nextLook || this.#looking) return;
    this.#nextLook = now + this.lengthAt(now);
    this.#main ??= new MainThread(Session, ownerSymbol, clock);
    // What runs after the main thread has come round has nothing to do with the silence.
    const look = this.#main.look(() => lastBeat() === this.beat);
    this.#looking = look.then((sample) => {
      if (sample) this.samples.push(sample);
      this.#looking = undefined;
    });
  }

  /** The main thread has come round: it is left alone. Resolves when all that was seen is among the samples. */
  async end(): Promise<void> {
    await this.#main?.leave();
    await this.#looking;
  }
}
