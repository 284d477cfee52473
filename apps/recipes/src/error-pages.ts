/** Pages for errors: HTML for browsers and JSON for other clients. Neither contains the message of an unexpected error. */
import { component, Component, defineConfig, inject } from '@asphalt/core';
import { requestId, requestLogger, WebApp, type WebEnv } from '@asphalt/web';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { html } from 'hono/html';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

const options = defineConfig({
  contact: { doc: 'Where users report problems', format: 'email', required: true },
});

@component({ config: options, description: 'Pages for errors' })
export class ErrorPagesComponent extends Component<typeof options> {
  override start(@inject(WebApp) web: WebApp): void {
    web.notFound((c) => this.#page(c, 404, 'This page does not exist'));

    web.onError((error, c) => {
      // An exception of hono is the decision of a handler or a middleware, and its text is meant for the client.
      if (error instanceof HTTPException) {
        const response = error.getResponse();
        return this.#page(
          c,
          error.status as ContentfulStatusCode,
          error.message || response.statusText,
          response.headers,
        );
      }
      requestLogger(c).error(`${c.req.method} ${c.req.path} failed`, { error });
      return this.#page(c, 500, 'Something failed on our side');
    });
  }

  #page(
    c: Context<WebEnv>,
    status: ContentfulStatusCode,
    title: string,
    headers = new Headers(),
  ): Response | Promise<Response> {
    for (const [name, value] of headers) if (!name.startsWith('content-')) c.header(name, value);
    const id = requestId(c);
    const type = accepts(c, {
      header: 'Accept',
      supports: ['text/html', 'application/json'],
      default: 'application/json',
    });
    if (type === 'application/json') return c.json({ status, title, id }, status);
    return c.html(
      html`<!doctype html>
        <title>${title}</title>
        <h1>${title}</h1>
        <p>Write to ${this.config.contact} if you need help, and name this number: ${id}</p>`,
      status,
    );
  }
}
