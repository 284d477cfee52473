import { each, list, madeService, prelude, serviceClass, type Program } from '../text.ts';

/** Life cycle observers that start and stop with the application. */
export const loopback: Program = {
  libraries: ['@loopback/core'],
  stops: 'in any order',
  write: (graph) => `
import { Application, inject } from '@loopback/core';
${prelude}
${each(graph, (service) =>
  serviceClass(service, { beforeParameter: (need) => `@inject('lifeCycleObservers.Service${need}') ` }),
)}

export function build() {
  const app = new Application({ shutdown: { signals: [] } });
  ${each(graph, ({ index }) => `app.lifeCycleObserver(Service${index});`)}
  return { start: () => app.start(), stop: () => app.stop() };
}`,
};

/** Providers, which may be asynchronous. Dependents do not wait for life cycle observers. */
export const loopbackProviders: Program = {
  libraries: ['@loopback/core'],
  stops: 'not at all',
  write: (graph) => `
import { Application, BindingScope, inject, type Provider } from '@loopback/core';
${prelude}
${each(graph, (service) => {
  const { index, needs } = service;
  const parameters = list(needs.map((need) => `@inject('services.${need}') readonly service${need}: Service${need}`));
  const value = madeService(service).value.replaceAll(/\bservice\d/g, 'this.$&');
  return `
${serviceClass(service)}
class Provider${index} implements Provider<Service${index}> {
  constructor(${parameters}) {}
  async value() { return ${value}; }
}`;
})}

export function build() {
  const app = new Application({ shutdown: { signals: [] } });
  ${each(graph, ({ index }) => `app.bind('services.${index}').toProvider(Provider${index}).inScope(BindingScope.SINGLETON);`)}
  return {
    start: () => Promise.all([${list(graph.tops.map((top) => `app.get('services.${top}')`))}]),
    stop() {},
  };
}`,
};
