/**
 * Work with texts that may take long: small texts are handled at once, large ones in a thread, so that the event loop
 * stays free.
 */
import type { ThreadModule, ThreadPool } from '@asphalt/threads';
import { diffTexts, type PageDiff } from './diff.ts';
import { readBody } from './text-functions.ts';

type TextFunctions = ThreadModule<typeof import('./text-functions.ts')>;

/** Differences of texts with more characters in total take too long for the event loop. */
const smallDiff = 4_000;
/** Bodies with more bytes take too long for the event loop. */
const smallBody = 64 * 1024;

export class TextWork {
  #functions: Promise<TextFunctions> | undefined;

  constructor(private readonly threads: ThreadPool) {}

  async diff(before: string, after: string): Promise<PageDiff> {
    if (before.length + after.length <= smallDiff) return diffTexts(before, after);
    return (await this.#loaded()).diffTexts(before, after);
  }

  async read(body: Uint8Array, contentType: string): Promise<string> {
    if (body.length <= smallBody) return readBody(body, contentType);
    return (await this.#loaded()).readBody(body, contentType);
  }

  async #loaded(): Promise<TextFunctions> {
    this.#functions ??= this.threads.module(new URL('./text-functions.ts', import.meta.url));
    try {
      return await this.#functions;
    } catch (error) {
      this.#functions = undefined;
      throw error;
    }
  }
}
