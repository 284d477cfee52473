/** Passes requests below a path to another server. */
import { component, Component, defineConfig, inject } from '@asphalt/core';
import { clientAddress, problem, requestLogger, WebApp } from '@asphalt/web';
import { proxy } from 'hono/proxy';

const options = defineConfig({
  target: { doc: 'URL of the other server', format: 'url', required: true },
  path: { doc: 'Path below which requests are passed on', format: 'string', default: '/legacy' },
  timeout: { doc: 'Time until the other server responds', format: 'duration', default: '30s' },
});

@component({ config: options, description: 'Passes requests to another server' })
export class ReverseProxyComponent extends Component<typeof options> {
  override start(@inject(WebApp) web: WebApp): void {
    const { target, path, timeout } = this.config;
    const base = target.replace(/\/$/, '');

    web.all(`${path}/*`, async (c) => {
      const url = new URL(c.req.url);
      const timer = new AbortController();
      const timeoutId = setTimeout(() => timer.abort(), timeout);
      try {
        // Without `customFetch`, hono passes `c.req.raw` to fetch(), which also streams the body.
        return await proxy(base + url.pathname.slice(path.length) + url.search, {
          raw: c.req.raw,
          headers: {
            ...c.req.header(),
            // The other server must see its own name, and the credentials for this one must not leave it.
            host: undefined,
            cookie: undefined,
            authorization: undefined,
            'x-forwarded-host': url.host,
            'x-forwarded-proto': url.protocol.slice(0, -1),
            'x-forwarded-for': clientAddress(c),
          },
          redirect: 'manual',
          signal: AbortSignal.any([c.req.raw.signal, timer.signal]),
        });
      } catch (error) {
        if (c.req.raw.signal.aborted) throw error;
        requestLogger(c).warn(`${base} did not respond`, { error });
        return problem(c, { status: timer.signal.aborted ? 504 : 502 });
      } finally {
        clearTimeout(timeoutId);
      }
    });
  }
}
