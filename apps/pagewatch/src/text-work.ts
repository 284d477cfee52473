/**
 * Work with texts that may take long. Small texts are processed on the main thread, large ones in a thread of the pool, so
 * that they do not block the event loop.
 */
import type { ThreadModule, ThreadPool } from '@asphalt/threads';
import { diffTexts, type PageDiff } from './diff.ts';
import { readBody } from './text-functions.ts';

type TextFunctions = ThreadModule<typeof import('./text-functions.ts')>;

/** The total size of two texts whose difference takes at most about 15 ms. The number of lines matters most. */
const smallDiff = { characters: 8_000, lines: 200 };
/** The size of a body that takes at most about 5 ms. */
const smallBodyBytes = 64 * 1024;

export class TextWork {
  #functions: Promise<TextFunctions> | undefined;

  constructor(private readonly threads: ThreadPool) {}

  async diff(before: string, after: string): Promise<PageDiff> {
    if (isSmall(before, after)) return diffTexts(before, after);
    return (await this.#loaded()).diffTexts(before, after);
  }

  async read(body: Uint8Array, contentType: string): Promise<string> {
    if (body.length <= smallBodyBytes) return readBody(body, contentType);
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

function isSmall(before: string, after: string): boolean {
  if (before.length + after.length > smallDiff.characters) return false;
  return before.split('\n').length + after.split('\n').length <= smallDiff.lines;
}
