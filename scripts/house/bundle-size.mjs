import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../setup.mjs';

/** Returns the files of a bundle that an import of `entry` loads, without those that are loaded on demand. */
export function filesLoadedWith(entry) {
  const loaded = new Set(existsSync(join(root, entry)) ? [entry] : []);
  for (const file of loaded) {
    const code = readFileSync(join(root, file), 'utf8');
    for (const [, path] of code.matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";$/gm)) {
      loaded.add(join(dirname(file), path));
    }
  }
  return [...loaded];
}

/** Returns the size of files in KiB, each compressed with gzip as a registry or a server would. */
export function compressedSize(files) {
  return Math.ceil(files.reduce((sum, file) => sum + gzipSync(readFileSync(join(root, file))).length, 0) / 1024);
}
