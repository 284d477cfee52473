import { component, Component, type ComponentClass } from '@asphalt/core';
import { testApplication, type TestApplication, type TestContext } from '@asphalt/testing';
import { WebApp, WebComponent } from '@asphalt/web';

export interface Served {
  readonly app: TestApplication;
  readonly url: string;
  /** Sends a request. The path may be a complete URL. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Starts an application with a web server on a free port and these components, and stops it after the test. */
export async function serve(
  context: TestContext,
  components: Readonly<Record<string, ComponentClass>>,
  config: Readonly<Record<string, object>> = {},
): Promise<Served> {
  @component({ components: { web: WebComponent, ...components } })
  class Root extends Component {}

  const app = await testApplication(context, Root, { config: { components: { web: { port: 0 }, ...config } } });
  const url = app.context.getResourceSync(WebApp).url!;
  return { app, url, send: (path, init) => fetch(new URL(path, url), init) };
}
