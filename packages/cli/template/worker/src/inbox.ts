/** A folder as a queue: each file is a message. Replace it with a broker without changing its handlers. */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, PullClient, Retry } from '@asphalt/integration';

interface File {
  readonly name: string;
  readonly text: string;
}

export class InboxFolder implements PullClient<File, string> {
  /** The files that are being handled, or wait for their next attempt. */
  readonly #taken = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #failedFolder: string;

  constructor(
    readonly folder: string,
    readonly everyMs: number,
  ) {
    this.#failedFolder = join(folder, 'failed');
  }

  async open(): Promise<void> {
    await mkdir(this.#failedFolder, { recursive: true });
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly File[]> {
    const entries = await readdir(this.folder, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !this.#taken.has(entry.name))
      .map(({ name }) => name);
    if (names.length === 0) await delay(this.everyMs, undefined, { signal: abort });
    const files = await Promise.all(names.slice(0, count).map((name) => this.#read(name)));
    for (const { name } of files) this.#taken.add(name);
    return files;
  }

  describe({ name }: File): Omit<Delivery<string>, 'value'> {
    return { id: name, attempt: (this.#attempts.get(name) ?? 0) + 1, headers: {} };
  }

  read({ text }: File): string {
    return text;
  }

  async acknowledge({ name }: File): Promise<void> {
    await rm(join(this.folder, name));
    this.#release(name);
  }

  async retry({ name }: File, { delayMs, counts }: Retry): Promise<void> {
    if (counts) this.#attempts.set(name, (this.#attempts.get(name) ?? 0) + 1);
    setTimeout(() => this.#taken.delete(name), delayMs).unref();
  }

  async bury({ name }: File): Promise<void> {
    await rename(join(this.folder, name), join(this.#failedFolder, name));
    this.#release(name);
  }

  async #read(name: string): Promise<File> {
    return { name, text: await readFile(join(this.folder, name), 'utf8') };
  }

  #release(name: string): void {
    this.#taken.delete(name);
    this.#attempts.delete(name);
  }
}
