import { Component, component, Context, provides, Signal, startApplication, token } from '@asphalt/core';
import type { Held } from './held.ts';

class Service {
  isOpen = true;
}

@component()
class ServiceComponent extends Component {
  @provides(Service, { dispose: (service) => (service.isOpen = false) })
  service(): Service {
    return new Service();
  }
}

export async function components(count: number): Promise<Held> {
  const names = Array.from({ length: count }, (_, index) => `service/s${index}`);

  @component({ components: Object.fromEntries(names.map((name) => [name, ServiceComponent])) })
  class App extends Component {}

  const { context } = await startApplication(App);
  return { countAlive: () => [...context.getResources(Service).values()].filter(({ isOpen }) => isOpen).length };
}

export async function contexts(count: number): Promise<Held> {
  const greeting = token<string>('greeting');
  const parent = new Context('application');
  parent.addResource(greeting, 'hello');
  const children = Array.from({ length: count }, () => parent.child('request'));
  return { countAlive: () => children.filter((child) => child.getResourceSync(greeting) === 'hello').length };
}

export async function subscribers(count: number): Promise<Held> {
  const signal = new Signal<number>();
  let received = 0;
  for (let index = 0; index < count; index++) signal.subscribe((amount) => void (received += amount));
  return {
    countAlive() {
      signal.dispatch(1);
      return received;
    },
  };
}
