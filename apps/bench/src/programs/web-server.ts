/** `web-server.js KIND SUBJECT GLOBALS`: starts a server, prints its URL, and exits when the parent process does. */
import { openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import type * as web from '@asphalt/web';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { implementationOf, type Implementations } from '../harness/workload.ts';

/** Starts a server on a free port. @returns its URL */
type Serve = (overridesGlobals: boolean) => Promise<string>;

/** Servers that answer with a line of text. */
const hello: Implementations<Serve> = {
  async asphalt(overrideGlobals) {
    const { Component, component, inject, startApplication } = await import('@asphalt/core');
    const { WebApp, WebComponent } = await import('@asphalt/web');

    @component({ components: { web: WebComponent } })
    class Hello extends Component {
      @inject(WebApp) readonly web!: web.WebApp;

      override start(): void {
        this.web.get('/', (c) => c.text('hello'));
      }
    }

    const config = { components: { web: { port: 0, overrideGlobals } } };
    const application = await startApplication(Hello, { config });
    return application.context.getResourceSync(WebApp).url!;
  },

  async hono(overrideGlobalObjects) {
    const { serve } = await import('@hono/node-server');
    const { Hono } = await import('hono');
    const app = new Hono();
    app.get('/', (c) => c.text('hello'));
    return new Promise((resolve) => {
      serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      );
    });
  },

  async fastify() {
    const { fastify } = await import('fastify');
    const app = fastify();
    app.get('/', async () => 'hello');
    return app.listen({ host: '127.0.0.1', port: 0 });
  },

  async '@nestjs/core'() {
    await import('reflect-metadata');
    const { Controller, Get, Module } = await import('@nestjs/common');
    const { NestFactory } = await import('@nestjs/core');
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');

    @Controller()
    class HelloController {
      @Get()
      hello(): string {
        return 'hello';
      }
    }

    @Module({ controllers: [HelloController] })
    class AppModule {}

    const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    return app.getUrl();
  },
};

/** Servers that open an object for each request and close it. */
const context: Implementations<Serve> = {
  async asphalt(overrideGlobals) {
    const { Component, component, inject, provides, startApplication } = await import('@asphalt/core');
    const { requestContext, WebApp, WebComponent } = await import('@asphalt/web');

    @component({ components: { web: WebComponent } })
    class Hello extends Component {
      @inject(WebApp) readonly web!: web.WebApp;

      @provides(Visit, { scope: 'context', dispose: (visit: Visit) => visit.close() })
      visit(@inject(Request) request: Request): Visit {
        return new Visit(request.method);
      }

      override start(): void {
        this.web.get('/', (c) => c.text(requestContext(c).getResourceSync(Visit).greet()));
      }
    }

    const config = { components: { web: { port: 0, overrideGlobals } } };
    const application = await startApplication(Hello, { config });
    return application.context.getResourceSync(WebApp).url!;
  },

  async hono(overrideGlobalObjects) {
    const { serve } = await import('@hono/node-server');
    const { Hono } = await import('hono');
    const app = new Hono<{ Variables: { visit: Visit } }>();
    app.use(async (c, next) => {
      const visit = new Visit(c.req.method);
      c.set('visit', visit);
      try {
        await next();
      } finally {
        visit.close();
      }
    });
    app.get('/', (c) => c.text(c.var.visit.greet()));
    return new Promise((resolve) => {
      serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      );
    });
  },
};

/** Servers with an id for each request and a log of requests. Both write lines as they would to a file, one by one. */
const logged: Implementations<Serve> = {
  async asphalt(overrideGlobals) {
    const { Component, component, inject, silentLogger, startApplication } = await import('@asphalt/core');
    const { WebApp, WebComponent } = await import('@asphalt/web');

    @component({ components: { web: WebComponent } })
    class Hello extends Component {
      @inject(WebApp) readonly web!: web.WebApp;

      override start(): void {
        this.web.get('/', (c) => c.text('hello'));
      }
    }

    const print = printer();
    const info = (message: string, data?: object): void =>
      print(JSON.stringify({ level: 'info', time: Date.now(), message, ...data }));
    const logger = { ...silentLogger, info, child: () => logger };
    const config = { components: { web: { port: 0, overrideGlobals, accessLog: true } } };
    const application = await startApplication(Hello, { config, logger });
    return application.context.getResourceSync(WebApp).url!;
  },

  async hono(overrideGlobalObjects) {
    const { serve } = await import('@hono/node-server');
    const { Hono } = await import('hono');
    const { logger } = await import('hono/logger');
    const { requestId } = await import('hono/request-id');
    const app = new Hono();
    app.use(requestId(), logger(printer()));
    app.get('/', (c) => c.text('hello'));
    return new Promise((resolve) => {
      serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      );
    });
  },
};

function printer(): (line: string) => void {
  const sink = openSync(devNull, 'w');
  return (line) => void writeSync(sink, `${line}\n`);
}

/** The object that a request opens and closes. */
class Visit {
  static #open = 0;

  constructor(readonly method: string) {
    Visit.#open++;
  }

  /** Fails unless visits are closed: at most one per connection may be open. */
  greet(): string {
    if (Visit.#open > 10) throw new Error(`${Visit.#open} visits are open`);
    return this.method === 'GET' ? 'hello' : 'who are you?';
  }

  close(): void {
    Visit.#open--;
  }
}

process.stdin.resume().on('end', () => process.exit());
const [kind, subject, globals] = process.argv.slice(2) as ['hello' | 'context' | 'logged', string, string];
const serve = implementationOf({ hello, context, logged }[kind], subject);
console.log(await serve(globals === 'override'));
