import { each, prelude, serviceClass, type Program } from '../text.ts';

/** Singletons by decorator, resolved in the global container. */
export const tsyringe: Program = {
  libraries: ['reflect-metadata', 'tsyringe'],
  stops: 'in any order',
  write: (graph) => `
import 'reflect-metadata';
import { container, singleton } from 'tsyringe';
${prelude}
${each(graph, (service) => serviceClass(service, { before: '@singleton()', stop: 'dispose' }))}

export function build() {
  return {
    start() { ${graph.tops.map((top) => `container.resolve(Service${top});`).join(' ')} },
    stop: () => container.dispose(),
  };
}`,
};
