import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The options of `serveStatic` for a folder with `page.txt` below `/static`, until the test ends. */
export function staticFiles(): { root: string; rewriteRequestPath: (path: string) => string } {
  const root = mkdtempSync(join(tmpdir(), 'asphalt-static-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'page.txt'), 'a page');
  return { root, rewriteRequestPath: (path) => path.replace('/static', '') };
}
