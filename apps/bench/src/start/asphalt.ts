import { each, list, madeService, prelude, serviceClass, type Program } from './text.ts';

/** A component per service provides it. */
export const asphalt: Program = {
  libraries: ['@asphalt/core'],
  stops: 'each before its needs',
  write: (graph) => `
import { Application, Component, component, inject, provides } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
${prelude}
const dispose = (service: { stop(): void }): void => service.stop();
${each(graph, (service) => {
  const { index, needs } = service;
  const { async, value } = madeService(service);
  const parameters = list(needs.map((need) => `@inject(Service${need}) service${need}: Service${need}`));
  return `
${serviceClass(service)}
@component()
class Component${index} extends Component {
  @provides(Service${index}, { dispose })
  ${async} service(${parameters}) { return ${value}; }
}`;
})}

@component({ components: { ${list(graph.services.map(({ index }) => `component${index}: Component${index}`))} } })
class App extends Component {}

export async function build() {
  const application = new Application(await planApplication(App));
  return { start: () => application.start(), stop: () => application.stop() };
}`,
};
