import { Component, component, inject, startApplication } from '@asphalt/core';
import { WebApp, WebComponent } from '@asphalt/web';

@component({ components: { web: WebComponent } })
class Hello extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get('/', (c) => c.text('hello'));
  }
}

const overrideGlobals = process.argv[2] === 'override';
const application = await startApplication(Hello, { config: { components: { web: { port: 0, overrideGlobals } } } });
console.log(application.context.getResourceSync(WebApp).url);
