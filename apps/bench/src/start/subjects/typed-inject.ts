import { each, list, prelude, serviceClass, type Program } from '../text.ts';

/** A chain of injectors, one for each service, which lists its needs in `inject`. */
export const typedInject: Program = {
  libraries: ['typed-inject'],
  stops: 'each before its needs',
  write: (graph) => `
import { createInjector } from 'typed-inject';
${prelude}
${each(graph, (service) => {
  const tokens = list(service.needs.map((need) => `'service${need}'`));
  return serviceClass(service, { members: `static inject = [${tokens}] as const;`, stop: 'dispose' });
})}

export function build() {
  const root = createInjector();
  const injector0 = root;
  ${each(graph, ({ index }) => `const injector${index + 1} = injector${index}.provideClass('service${index}', Service${index});`)}
  return {
    start() { ${graph.tops.map((top) => `injector${graph.services.length}.resolve('service${top}');`).join(' ')} },
    stop: () => root.dispose(),
  };
}`,
};
