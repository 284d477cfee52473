/** Serves a built front end, whose router decides about paths that are no files. */
import { join } from 'node:path';
import { component, Component, defineConfig, inject } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
import { serveStatic } from '@hono/node-server/serve-static';
import type { MiddlewareHandler } from 'hono';

const options = defineConfig({
  folder: { doc: 'Folder of the built files', format: 'path', required: true },
  assets: { doc: 'Path of the files whose names contain a hash', format: 'string', default: '/assets/' },
});

@component({ config: options, description: 'Serves the front end' })
export class FrontEndComponent extends Component<typeof options> {
  override start(@inject(WebApp) web: WebApp): void {
    const { folder, assets } = this.config;
    const file = serveStatic({ root: folder });
    const page = serveStatic({ path: join(folder, 'index.html') });

    const withCaching: MiddlewareHandler = async (c, next) => {
      await next();
      // A file with a hash in its name never changes. The next version may replace every other file.
      const isAsset = c.req.path.startsWith(assets);
      if (c.res.ok) c.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    };

    const pageForBrowsers: MiddlewareHandler = async (c, next) => {
      const isPage = !c.req.path.startsWith(assets) && !/\.\w+$/.test(c.req.path);
      return isPage && c.req.header('accept')?.includes('text/html') ? page(c, next) : c.notFound();
    };

    // The routes of all other components come before those of stage 1.
    web.stage(1).get('*', withCaching, file, pageForBrowsers);
  }
}
