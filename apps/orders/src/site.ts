/** The live page. */
import { component, Component, inject, provides, task } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
import { eventsOf } from '@asphalt/web/sockets';
import { secureHeaders } from 'hono/secure-headers';
import { loadAssets } from './assets.ts';
import { LiveFeed } from './live-feed.ts';
import { OrderNews } from './order-news.ts';
import { orderPage } from './order-page.ts';
import { Orders } from './orders.ts';

/** The page shows text of customers, so it may load only scripts and other files of this site. */
const security = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
});

@component({ description: 'The live page of orders' })
export class Site extends Component {
  @provides(LiveFeed)
  feed(@inject(Orders) orders: Orders, @inject(OrderNews) news: OrderNews): LiveFeed {
    return new LiveFeed(orders, news, this.logger);
  }

  override async start(@inject(WebApp) app: WebApp, @inject(LiveFeed) feed: LiveFeed): Promise<void> {
    app.use(security);
    const assets = await loadAssets();
    const asset = (file: string): string => `/assets/${file}?v=${assets.get(file)?.version}`;

    app.get('/', async (c) => c.html(orderPage({ ...(await feed.latest()), asset })));

    app.get(
      '/events',
      eventsOf(feed.events, {
        event: ({ name }) => name,
        data: ({ data }) => data,
        replay: () => feed.snapshot(),
        capacity: 1_000,
        retryMs: 1_000,
      }),
    );

    app.get('/assets/:file', (c, next) => {
      const found = assets.get(c.req.param('file'));
      if (found === undefined) return next();
      const isCurrent = c.req.query('v') === found.version;
      const caching = isCurrent ? 'max-age=31536000, immutable' : 'no-cache';
      return c.body(found.content, 200, { 'content-type': found.type, 'cache-control': caching });
    });
  }

  @task()
  async serveBrowsers(abort: AbortSignal, @inject(LiveFeed) feed: LiveFeed): Promise<void> {
    await feed.run(abort);
  }
}
