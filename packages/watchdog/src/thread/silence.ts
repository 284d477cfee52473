/** A time without a heartbeat of the main thread, and the samples of its stack in that time. */
import type { Sample } from '../messages.ts';
import { MainThread } from './main-thread.ts';

export interface SilenceSettings {
  /** The inspector's session; undefined if the runtime's inspector cannot connect to the main thread. */
  readonly Session: ConstructorParameters<typeof MainThread>[0] | undefined;
  readonly ownerSymbol: string;
  /** The length of a silence at which the first sample is taken. */
  readonly lookAfterMs: number;
  /** The main thread's clock. */
  readonly clock: () => number;
  /** The time of the main thread's last heartbeat. */
  readonly lastBeat: () => number;
}

export class Silence {
  readonly samples: Sample[] = [];
  /** The time of the heartbeat before the silence. */
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

  /** When the next sample is due. */
  get nextLook(): number {
    return this.#nextLook;
  }

  get wasSampled(): boolean {
    return this.#main !== undefined;
  }

  lengthAt(now: number): number {
    return now - this.#since;
  }

  /** Excludes a time in which the whole process was suspended. */
  excuse(ms: number): void {
    this.#since += ms;
    this.#nextLook += ms;
  }

  /** Takes a sample of the main thread if one is due. The interval grows with the length of the silence. */
  watch(now: number): void {
    const { Session, ownerSymbol, clock, lastBeat } = this.#settings;
    if (!Session || now < this.#nextLook || this.#looking) return;
    this.#nextLook = now + this.lengthAt(now);
    this.#main ??= new MainThread(Session, ownerSymbol, clock);
    // Code that runs after the next heartbeat is not part of this silence.
    const look = this.#main.look(() => lastBeat() === this.beat);
    this.#looking = look.then((sample) => {
      if (sample) this.samples.push(sample);
      this.#looking = undefined;
    });
  }

  /** Called after the next heartbeat. Disconnects from the main thread. Resolves when `samples` is complete. */
  async end(): Promise<void> {
    await this.#main?.leave();
    await this.#looking;
  }
}
