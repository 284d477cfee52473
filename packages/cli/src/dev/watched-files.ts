/** The files that an application under `asphalt dev` consists of, and what changes among them. */
import { existsSync, type Stats } from 'node:fs';
import { watch, type FSWatcher } from 'chokidar';

/** Editors and version control write in bursts. */
const burstMs = 40;

/** After which a watch has surely been set up. */
const settledMs = 500;

export class WatchedFiles {
  readonly #watcher: FSWatcher;
  readonly #files = new Set<string>();
  readonly #missing = new Set<string>();
  /** Those that were missing when their watch began, which goes on until they are there. */
  readonly #awaited = new Set<string>();
  readonly #changed = new Set<string>();
  /** When the application that runs now began to read its files. */
  #readSince = 0;
  #burst: NodeJS.Timeout | undefined;
  #told: ((files: string[]) => void) | undefined;

  constructor() {
    // With the initial events: they tell that a file is watched from now on, and whether it changed before that.
    this.#watcher = watch([], { ignoreInitial: false, alwaysStat: true });
    this.#watcher.on('all', (event, file, stats) => {
      if (event === 'add' && !this.#isNews(file, stats)) return;
      this.#awaited.delete(file);
      if (event === 'unlink') this.#missing.add(file);
      this.#changed.add(file);
      clearTimeout(this.#burst);
      this.#burst = setTimeout(() => this.#settle(), burstMs);
    });
  }

  /** To be called before an application reads its files. */
  begin(): void {
    this.#readSince = Date.now();
  }

  /** Watches a file, which need not be there yet. */
  add(file: string): void {
    const isThere = existsSync(file);
    if (this.#files.has(file)) {
      if (isThere || this.#awaited.has(file)) return;
      // What was deleted is watched no more, and would be again only under a new watch.
      this.#watcher.unwatch(file);
    }
    if (!isThere) {
      this.#missing.add(file);
      this.#awaited.add(file);
      // What comes while its watch is being set up may be overlooked.
      setTimeout(() => this.#lookAgain(file), settledMs).unref();
    }
    this.#files.add(file);
    this.#watcher.add(file);
  }

  /** Resolves with the files that have changed since they were last told of, as soon as there are any. */
  changed(): Promise<string[]> {
    return new Promise((resolve) => {
      this.#told = resolve;
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

  #isNews(file: string, stats: Stats | undefined): boolean {
    return this.#missing.delete(file) || (stats?.mtimeMs ?? 0) > this.#readSince;
  }

  #settle(): void {
    this.#burst = undefined;
    if (this.#changed.size === 0) return;
    const files = [...this.#changed];
    this.#changed.clear();
    this.#told?.(files);
  }
}
