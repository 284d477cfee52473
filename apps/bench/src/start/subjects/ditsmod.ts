import { each, list, prelude, serviceClass, type Program } from '../text.ts';

/** Injectable classes in one injector. */
export const ditsmod: Program = {
  libraries: ['@ditsmod/core'],
  stops: 'not at all',
  write: (graph) => `
import { injectable, Injector } from '@ditsmod/core';
${prelude}
${each(graph, (service) => serviceClass(service, { before: '@injectable()' }))}

export function build() {
  const injector = Injector.resolveAndCreate([${list(graph.services.map(({ index }) => `Service${index}`))}]);
  return {
    start() { ${graph.tops.map((top) => `injector.get(Service${top});`).join(' ')} },
    stop() {},
  };
}`,
};
