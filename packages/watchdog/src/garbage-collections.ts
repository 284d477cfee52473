/** Records the garbage collections of the main thread. */
import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

/** Shorter collections are ignored: they are frequent and do not delay the event loop noticeably. */
const longMs = 5;
const most = 100;

export class GarbageCollections {
  readonly #recent: PerformanceEntry[] = [];
  readonly #observer = new PerformanceObserver((list) => this.#keep(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Returns the total duration of garbage collections between two times. */
  between(from: number, to: number): number {
    this.#keep(this.#observer.takeRecords());
    return this.#recent
      .map(({ startTime, duration }) => Math.min(to, startTime + duration) - Math.max(from, startTime))
      .reduce((sum, overlap) => sum + Math.max(0, overlap), 0);
  }

  stop(): void {
    this.#observer.disconnect();
  }

  #keep(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) if (entry.duration >= longMs) this.#recent.push(entry);
    if (this.#recent.length > most) this.#recent.splice(0, this.#recent.length - most);
  }
}
