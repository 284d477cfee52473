import { each, list, prelude, serviceClass, type Program } from '../text.ts';

/** Injectable classes bound to themselves as singletons; `@postConstruct` waits if starts take time. */
export const inversify: Program = {
  libraries: ['reflect-metadata', 'inversify'],
  stops: 'in any order',
  write: (graph) => `
import 'reflect-metadata';
import { Container, injectable, postConstruct, preDestroy } from 'inversify';
${prelude}
${each(graph, (service) => serviceClass(service, { before: '@injectable()', beforeStart: '@postConstruct()', beforeStop: '@preDestroy()' }))}

export function build() {
  const container = new Container();
  ${each(graph, ({ index }) => `container.bind(Service${index}).toSelf().inSingletonScope();`)}
  return {
    start: () => Promise.all([${list(graph.tops.map((top) => `container.getAsync(Service${top})`))}]),
    stop: () => container.unbindAllAsync(),
  };
}`,
};
