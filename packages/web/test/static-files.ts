import { tempFolder } from '@asphalt/test-support';

/** The options of `serveStatic` for a folder with `page.txt` below `/static`, until the test ends. */
export function staticFiles(): { root: string; rewriteRequestPath: (path: string) => string } {
  const root = tempFolder({ 'page.txt': 'a page' });
  return { root, rewriteRequestPath: (path) => path.replace('/static', '') };
}
