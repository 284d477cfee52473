/** Publishes the OpenAPI document of all validated routes, and a page that shows it and sends requests. */
import { component, Component, defineConfig, inject } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
import { openApi } from '@asphalt/web/openapi';
import { html } from 'hono/html';

/** Files of swagger-ui-dist 5.35.0. With these hashes, a browser runs no other content. */
const script = {
  file: 'swagger-ui-bundle.js',
  integrity: 'sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9',
};
const style = {
  file: 'swagger-ui.css',
  integrity: 'sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I',
};

const options = defineConfig({
  title: { doc: 'Name of the API', format: 'string', required: true },
  version: { doc: 'Version of the API', format: 'string', default: '1.0.0' },
  viewer: {
    doc: 'URL of the folder with the files of swagger-ui-dist 5.35.0',
    format: 'url',
    default: 'https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0/',
  },
});

@component({ config: options, description: 'Documents the API' })
export class OpenApiComponent extends Component<typeof options> {
  override start(@inject(WebApp) web: WebApp): void {
    const { title, version, viewer } = this.config;
    const { origin } = new URL(viewer);
    const policy = `default-src 'self'; script-src 'self' ${origin}; style-src 'self' 'unsafe-inline' ${origin}; img-src 'self' data:`;
    const page = html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <title>${title}</title>
        <link
          rel="stylesheet"
          href="${new URL(style.file, viewer).href}"
          integrity="${style.integrity}"
          crossorigin="anonymous"
        />
        <div id="docs"></div>
        <script
          src="${new URL(script.file, viewer).href}"
          integrity="${script.integrity}"
          crossorigin="anonymous"
        ></script>
        <script src="/docs/start.js"></script>
      </html>`;

    web.get('/openapi.json', openApi(web, { info: { title, version } }));
    web.get('/docs', (c) => c.html(page, 200, { 'content-security-policy': policy }));
    web.get('/docs/start.js', (c) =>
      c.body("SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs' });", 200, { 'content-type': 'text/javascript' }),
    );
  }
}
