import { createHash } from 'node:crypto';
import { child, Component, component, defineConfig, inject } from '@asphalt/core';
import { WebApp, WebComponent } from '@asphalt/web';
import { demoPages } from './demo-pages.ts';

const options = defineConfig({
  host: { doc: 'Address to listen on', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port to listen on', format: 'port', default: 8001 },
  seed: { doc: 'Seed for the content of the pages', format: 'int', default: 7 },
  every: { doc: 'Interval between changes of the site', format: 'duration', default: '4s' },
  tick: {
    doc: 'Fixed state of the site; by default it follows the clock, so that it continues after a restart',
    format: 'int',
  },
});

const dayMs = 86_400_000;

/** A small web site whose pages change every few seconds, for use without a network. */
@component({
  config: options,
  components: ({ host, port }) => ({ 'web/demo': child(WebComponent, { host, port }) }),
  description: 'A small web site whose pages change',
})
export class DemoSite extends Component<typeof options> {
  /** Returns the number of changes today. A shift, as a fraction of the interval, lets pages change at different times. */
  #tick(shift: number): number {
    const { tick, every } = this.config;
    return tick ?? Math.floor((Date.now() % dayMs) / every + shift);
  }

  override start(@inject(WebApp, 'demo') app: WebApp): void {
    const links = Object.keys(demoPages).map((path) => `<li><a href="${path}">${path}</a></li>`);
    app.get('/', (c) => c.html(`<ul>${links.join('')}</ul>`));
    Object.entries(demoPages).forEach(([path, makePage], index, { length }) => {
      app.get(path, (c) => {
        const { status, html } = makePage(this.config.seed, this.#tick(index / length));
        const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 16)}"`;
        if (status === 503) return c.html(html, 503, { 'retry-after': '6' });
        if (c.req.header('if-none-match') === etag) return c.body(null, 304, { etag });
        return c.html(html, 200, { etag, 'cache-control': 'no-cache' });
      });
    });
  }
}
