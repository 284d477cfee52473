import { Component, component, inject, provides, startApplication } from '@asphalt/core';
import { requestContext, WebApp, WebComponent } from '@asphalt/web';
import { Visit } from './visit.ts';

@component({ components: { web: WebComponent } })
class Hello extends Component {
  @inject(WebApp) readonly web!: WebApp;

  @provides(Visit, { scope: 'context', dispose: (visit: Visit) => visit.close() })
  visit(@inject(Request) request: Request): Visit {
    return new Visit(request.method);
  }

  override start(): void {
    this.web.get('/', (c) => c.text(requestContext(c).getResourceSync(Visit).greet()));
  }
}

const overrideGlobals = process.argv[2] === 'override';
const application = await startApplication(Hello, { config: { components: { web: { port: 0, overrideGlobals } } } });
console.log(application.context.getResourceSync(WebApp).url);
