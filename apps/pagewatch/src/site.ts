/** The routes of the web site. The server renders pages, and sends live updates over `/events`. */
import type { WebApp } from '@asphalt/web';
import type { Context } from 'hono';
import { eventsOf } from '@asphalt/web/sockets';
import { validated } from '@asphalt/web/validation';
import { secureHeaders } from 'hono/secure-headers';
import { loadAssets } from './assets.ts';
import type { Detector } from './detector.ts';
import type { Html } from './diff-html.ts';
import type { ChangesQuery, History } from './history.ts';
import { layout } from './layout.ts';
import type { LiveFeed } from './live.ts';
import { feedQuery } from './site-input.ts';
import { changePage, historyPage, notFoundPage, overviewPage, type Feed, type ListedPage } from './pages.ts';

const feedLength = 20;
/** The valid resource names. Other text, such as a NUL, never reaches the database. */
const pageName = /^[\p{L}\p{N}_-]{1,200}$/u;

/** The site shows text of foreign pages, so its pages may load only scripts and other files of this site. */
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

export interface SiteSources {
  readonly history: History;
  readonly detectors: readonly Detector[];
  readonly feed: LiveFeed;
}

/** Adds the site to a web application. */
export async function addSite(app: WebApp, { history, detectors, feed }: SiteSources): Promise<void> {
  const byName = new Map(detectors.map((detector) => [detector.page.name, detector]));
  const assets = await loadAssets();
  const asset = (file: string): string => `/assets/${file}?v=${assets.get(file)?.version}`;
  const framed = (title: string, body: Html, live?: number): Html => layout({ title, body, asset, live });

  const list = async ({ page, state }: Pick<Detector, 'page' | 'state'>): Promise<ListedPage> => ({
    page,
    state,
    record: await history.page(page.name),
  });
  const feedOf = async (query: Omit<ChangesQuery, 'limit'>, path: string): Promise<Feed> => {
    const changes = await history.changes({ ...query, limit: feedLength });
    const older = changes.length === feedLength ? `${path}?before=${changes.at(-1)!.id}` : undefined;
    return {
      changes,
      older,
      live: query.before === undefined,
      now: Date.now(),
      ...(query.page && { page: query.page }),
    };
  };

  app.use(security);

  app.get('/', validated('query', feedQuery), async (c) => {
    const { before } = c.req.valid('query');
    // Read the id before the feed. The stream sends changes that are recorded in between, and the browser recognizes
    // duplicates by their ids.
    const newest = before === undefined ? await history.newestId() : undefined;
    const body = overviewPage(await Promise.all(detectors.map(list)), await feedOf({ before }, '/'));
    return c.html(framed('Pagewatch', body, newest));
  });

  app.get('/pages/:name', validated('query', feedQuery), async (c, next) => {
    const name = c.req.param('name');
    const detector = byName.get(name);
    const record = pageName.test(name) ? await history.page(name) : undefined;
    if (detector === undefined && record === undefined) return next();
    const { before } = c.req.valid('query');
    const newest = before === undefined ? await history.newestId() : undefined;
    const page = detector?.page ?? record!.page;
    const path = `/pages/${encodeURIComponent(name)}`;
    const body = historyPage({ page, state: detector?.state, record }, await feedOf({ page: name, before }, path));
    return c.html(framed(`${page.title} · Pagewatch`, body, newest));
  });

  app.get('/changes/:id', async (c, next) => {
    const id = idOf(c.req.param('id'));
    const change = id === undefined ? undefined : await history.change(id);
    if (change === undefined) return next();
    return c.html(framed(`${change.page.title} · Pagewatch`, changePage(change, Date.now())));
  });

  /** The last change that a client has seen: in an earlier stream, or in the page. */
  const cursorOf = ({ req }: Context): number =>
    idOf(req.header('last-event-id')) ?? idOf(req.query('after')) ?? feed.newestId;

  app.get(
    '/events',
    eventsOf((c) => feed.after(cursorOf(c)), {
      event: ({ name }) => name,
      data: ({ data }) => data,
      id: ({ id }) => id,
      replay: (_, c) => feed.since(cursorOf(c)),
      capacity: 1_000,
      retryMs: 1_000,
    }),
  );

  app.get('/assets/:file', (c, next) => {
    const found = assets.get(c.req.param('file'));
    if (found === undefined) return next();
    const current = c.req.query('v') === found.version;
    const headers = {
      'content-type': found.type,
      'cache-control': current ? 'max-age=31536000, immutable' : 'no-cache',
    };
    return c.body(found.content, 200, headers);
  });

  app.notFound((c) => c.html(framed('Not found · Pagewatch', notFoundPage()), 404));
}

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
