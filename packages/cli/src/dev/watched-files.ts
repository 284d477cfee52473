/**
 * Watches the files of an application under `asphalt dev` and reports changes. Handles files that do not exist yet, and
 * changes between the start of the application and the start of a watch.
 */
import { existsSync, type Stats } from 'node:fs';
import { watch, type FSWatcher } from 'chokidar';

/** Changes within this time are reported together, because editors and version control write in bursts. */
const burstMs = 40;

/** The time after which a watch is certainly active. */
const settledMs = 500;

export class WatchedFiles {
  readonly #watcher: FSWatcher;
  readonly #files = new Set<string>();
  readonly #missing = new Set<string>();
  /** Files that did not exist when their watch started and have not appeared since. */
  readonly #awaited = new Set<string>();
  readonly #changed = new Set<string>();
  /** The time at which the current application started to read its files. */
  #readSince = 0;
  #burst: NodeJS.Timeout | undefined;
  #onChanged: ((files: string[]) => void) | undefined;

  constructor() {
    // The initial `add` event of a file shows that its watch is active and whether the file changed before.
    this.#watcher = watch([], { ignoreInitial: false, alwaysStat: true });
    this.#watcher.on('all', (event, file, stats) => {
      if (event === 'add' && !this.#isNew(file, stats)) return;
      this.#awaited.delete(file);
      if (event === 'unlink') this.#missing.add(file);
      this.#changed.add(file);
      clearTimeout(this.#burst);
      this.#burst = setTimeout(() => this.#settle(), burstMs);
    });
  }

  /** Records the start time of an application. Call it before the application reads its files. */
  markStart(): void {
    this.#readSince = Date.now();
  }

  /** Watches a file, which may not exist yet. */
  add(file: string): void {
    const exists = existsSync(file);
    if (this.#files.has(file)) {
      if (exists || this.#awaited.has(file)) return;
      // The watch of a deleted file is dead and must be replaced.
      this.#watcher.unwatch(file);
    }
    if (!exists) {
      this.#missing.add(file);
      this.#awaited.add(file);
      // The watcher can miss a file that appears while its watch is being set up.
      setTimeout(() => this.#lookAgain(file), settledMs).unref();
    }
    this.#files.add(file);
    this.#watcher.add(file);
  }

  /** Resolves with the files that have changed since the last call, as soon as there are any. */
  changed(): Promise<string[]> {
    return new Promise((resolve) => {
      this.#onChanged = resolve;
      if (this.#burst === undefined) this.#settle();
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#burst);
    this.#awaited.clear();
    await this.#watcher.close();
  }

  #lookAgain(file: string): void {
    if (!this.#awaited.has(file) || !existsSync(file)) return;
    this.#watcher.unwatch(file);
    this.#watcher.add(file);
  }

  #isNew(file: string, stats: Stats | undefined): boolean {
    return this.#missing.delete(file) || (stats?.mtimeMs ?? 0) > this.#readSince;
  }

  #settle(): void {
    this.#burst = undefined;
    if (this.#changed.size === 0) return;
    const files = [...this.#changed];
    this.#changed.clear();
    this.#onChanged?.(files);
  }
}
