/** The keys that routes require with `needs()`, before the server listens. */
import {
  Application,
  component,
  Component,
  Context,
  inject,
  LazyServiceIdentifier,
  lookups,
  provides,
  startApplication,
  type ComponentClass,
  type Key,
} from '@asphalt/core';
import { describePlan, planApplication } from '@asphalt/core/inspect';
import { errorOf, recordingLogger } from '@asphalt/test-support';
import fc from 'fast-check';
import { Hono, type MiddlewareHandler } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';

import { RouteNeedsError } from '../src/errors.ts';
import { needs, type RequestNeed } from '../src/routes/needs.ts';
import { requestContext } from '../src/request/request-scope.ts';
import { Requests } from '../src/request/requests.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import type { WebEnv } from '../src/web-env.ts';

class Clock {}
class User {
  constructor(readonly name: string) {}
}
class Visits {}

class Clocks extends Component {
  @provides(Clock, { scope: 'context' }) clock(): Clock {
    return new Clock();
  }
}

const options = { config: { components: { web: { port: 0 } } } };

/** Returns an application that adds routes when it starts. */
function siteWith(addRoutes: (web: WebApp) => unknown, other?: ComponentClass): ComponentClass {
  @component({ components: { web: WebComponent, ...(other && { other }) } })
  class Site extends Component {
    override async start(@inject(WebApp) web: WebApp): Promise<void> {
      await addRoutes(web);
    }
  }
  return Site;
}

/** Starts an application until the test ends, and returns the response to a request for `/`. */
async function responseOf(Site: ComponentClass): Promise<string> {
  const { logger } = recordingLogger();
  const app = await startApplication(Site, { ...options, logger });
  onTestFinished(() => app.stop());
  const { url } = await app.context.getResource(WebApp);
  return (await fetch(url!)).text();
}

/** Returns the error of an application whose routes require missing keys. */
async function refusal(Site: ComponentClass): Promise<RouteNeedsError> {
  const { cause } = await errorOf(startApplication(Site, options));
  if (cause instanceof RouteNeedsError) return cause;
  throw new Error('expected a RouteNeedsError', { cause });
}

test('needs() in the lookups of a component are needs of the plan', async () => {
  const pageNeeds = needs({ clock: Clock, visits: { id: Visits, name: 'today' } });
  @component({ components: { web: WebComponent, clocks: Clocks }, lookups: [pageNeeds] })
  class Site extends Component {
    override start(@inject(WebApp) web: WebApp): void {
      web.get('/', pageNeeds, (c) => c.json(c.var.clock));
    }
  }
  const { needs: planned, problems } = describePlan(await planApplication(Site, options));
  expect(planned).toContainEqual(expect.objectContaining({ id: 'Clock', component: '', providers: ['clocks'] }));
  expect(problems).toMatchObject([{ code: 'ERR_PROVIDER_MISSING', key: { id: 'Visits', name: 'today' } }]);
});

describe('a route that requires a missing key', () => {
  test('all such routes are reported together, those of middleware and of other applications included', async () => {
    const clock = needs({ clock: Clock });
    const api = new Hono<WebEnv>().use(clock).get('/pages', (c) => c.text('pages'));
    api.onError((_, c) => c.text('failed'));
    const Site = siteWith((web) => {
      web.route('/api', api);
      web
        .basePath('/admin')
        .post('/users', needs({ clock: Clock, user: { id: User, name: 'admin' } }), (c) => c.body(''));
      web.use('/pages/*', clock);
    });
    expect((await refusal(Site)).message).toMatchInlineSnapshot(`
      "Routes need resources that no component provides
        route        ALL /api/* needs \`Clock\`
        route        ALL /pages/* needs \`Clock\`
        route        POST /admin/users needs \`Clock\`
        route        POST /admin/users needs \`User "admin"\`
        help         add a component with a @provides() method for each of them
                     or pass the result of needs() to @component({ lookups }), so that \`asphalt check\` reports each key with a fix
                     or declare a key that a middleware adds to the context: @provides(Key, { scope: 'context' }) on its component
                     or make a key that code publishes later optional: needs({ value: { id: Key, optional: true } })
        code         ERR_WEB_NEEDS"
    `);
  });

  test('the middleware of a library that declares its lookups is checked, except for lazy identifiers', async () => {
    const late = new LazyServiceIdentifier(() => Visits);
    const middleware: MiddlewareHandler = async (_, next) => next();
    const library = Object.assign(middleware, { [lookups]: [User, late, { id: Clock, optional: true }] });
    const { missing } = await refusal(siteWith((web) => web.use(library)));
    expect(missing).toEqual([{ route: 'ALL /*', key: { id: User, name: 'default' } }]);
  });

  test('the server does not listen', async () => {
    const { logger, lines } = recordingLogger();
    const Site = siteWith((web) => web.get('/', needs({ user: User }), (c) => c.text('never')));
    await errorOf(startApplication(Site, { ...options, logger }));
    expect(lines.filter(({ message }) => message.startsWith('Listening'))).toEqual([]);
  });
});

describe('a route may require a key', () => {
  test('that a component provides for each context', async () => {
    const Site = siteWith(
      (web) => web.get('/', needs({ clock: Clock }), (c) => c.text(c.var.clock.constructor.name)),
      Clocks,
    );
    expect(await responseOf(Site)).toBe('Clock');
  });

  test('that start() publishes without a declaration', async () => {
    class Users extends Component {
      override start(): void {
        this.context.addResource(User, new User('first'));
      }
    }
    const Site = siteWith((web) => web.get('/', needs({ user: User }), (c) => c.text(c.var.user.name)), Users);
    expect(await responseOf(Site)).toBe('first');
  });

  test('that a middleware adds to each context, if its component declares it', async () => {
    @provides(User, { scope: 'context' })
    class Users extends Component {
      override start(@inject(WebApp) web: WebApp): void {
        web.use(async (c, next) => {
          requestContext(c).addResource(User, new User('second'));
          await next();
        });
      }
    }
    const Site = siteWith((web) => web.get('/', needs({ user: User }), (c) => c.text(c.var.user.name)), Users);
    expect(await responseOf(Site)).toBe('second');
  });

  test('that is published after the start, if it is optional', async () => {
    const user = needs({ user: { id: User, optional: true } });
    const Site = siteWith((web) => web.get('/', user, (c) => c.text(c.var.user?.name ?? 'nobody yet')));
    expect(await responseOf(Site)).toBe('nobody yet');
  });

  test('that the web component or the runtime provides', async () => {
    const own = needs({ request: Request, application: Application });
    const Site = siteWith((web) => web.get('/', own, (c) => c.text(c.var.request.method)));
    expect(await responseOf(Site)).toBe('GET');
  });

  test('of a component that was stopped before the server restarted', async () => {
    class Users extends Component {
      @provides(User) user(): User {
        return new User('third');
      }
    }
    const Site = siteWith((web) => web.get('/', needs({ user: User }), (c) => c.text(c.var.user.name)), Users);
    const { logger } = recordingLogger();
    const app = await startApplication(Site, { ...options, logger });
    onTestFinished(() => app.stop());
    await app.stopComponent('other');
    await app.restart('web');
    expect(app.state).toBe('started');
  });
});

test('exactly the required keys that are not provided are missing, whatever the kinds of routes', async () => {
  const { logger } = recordingLogger();
  const id = fc.constantFrom(Clock, User, Visits);
  const need = fc.record({ id, name: fc.constantFrom('default', 'other'), optional: fc.boolean() });
  const kind = fc.constantFrom('get', 'use', 'route', 'basePath', 'stage');
  const routes = fc.array(fc.tuple(kind, fc.array(need, { maxLength: 3 })), { maxLength: 5 });
  const textOf = ({ id: { name: type }, name }: Pick<Key, 'name'> & { id: { name: string } }): string =>
    `${type} ${name}`;
  fc.assert(
    fc.property(routes, fc.array(need), (added, provided) => {
      const web = new WebApp(new Requests(new Context('app'), logger, 1000), logger);
      for (const [index, [how, wanted]] of added.entries()) {
        const middleware = needs(Object.fromEntries<RequestNeed>(wanted.map((each, at) => [`need${at}`, each])));
        const path = `/${index}`;
        if (how === 'get') web.get(path, middleware, (c) => c.text(''));
        else if (how === 'use') web.use(path, middleware);
        else if (how === 'route') web.route(path, new Hono<WebEnv>().use(middleware));
        else if (how === 'basePath') web.basePath(path).get('/', middleware, (c) => c.text(''));
        else web.stage(index).all(path, middleware);
      }
      const known = new Set(provided.map(textOf));
      const expected = added.flatMap(([, wanted]) =>
        wanted.filter((each) => !each.optional && !known.has(textOf(each))).map(textOf),
      );
      let missing: string[] = [];
      try {
        web.checkNeeds((key) => known.has(textOf(key)));
      } catch (error) {
        missing = (error as RouteNeedsError).missing.map(({ key }) => textOf(key));
      }
      expect(missing.toSorted()).toEqual(expected.toSorted());
    }),
  );
});
