import { ThreadPool, transfer } from '@asphalt/threads';
import { PictureError } from './picture-error.ts';

export const threads = new ThreadPool({ min: 1 });
const url = new URL('./images.ts', import.meta.url);
const images = await threads.module<typeof import('./images.ts')>(url, { errors: [PictureError] });

export async function inTime(abort: AbortSignal): Promise<Uint8Array> {
  return images.invert.with({ timeoutMs: 5_000, abort })(Uint8Array.of(0, 255));
}

export async function inRows(pixels: Uint8Array): Promise<string[]> {
  const shown: string[] = [];
  for await (const row of images.rows(pixels, 2)) shown.push(row.join(' '));
  return shown;
}

export async function moved(pixels: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return images.invert(transfer(pixels, [pixels.buffer]));
}

export async function askedBy(context: { readonly name: string }): Promise<string | undefined> {
  return images.asker.with({ context })();
}

export async function found(abort: AbortSignal): Promise<number> {
  return images.search('a needle', abort);
}
