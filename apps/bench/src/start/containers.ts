import { each, list, names, prelude, type Program } from './text.ts';

/** Classes registered as singletons by name, in the default mode, where the constructor destructures its needs. */
export const awilix: Program = {
  libraries: ['awilix'],
  stops: 'in any order',
  write: (graph) => `
import { asClass, createContainer } from 'awilix';
${prelude}
${each(
  graph,
  ({ index, needs }) => `
export class Service${index} {
  constructor({ ${list(names(needs))} }: Cradle) { started(${index}, this, [${list(names(needs))}]); }
  stop(): void { stopped(${index}); }
}`,
)}

interface Cradle { ${graph.services.map(({ index }) => `service${index}: Service${index};`).join(' ')} }

const dispose = (service: { stop(): void }): void => service.stop();

export function build() {
  const container = createContainer<Cradle>({ strict: true });
  container.register({
    ${each(graph, ({ index }) => `service${index}: asClass(Service${index}).singleton().disposer(dispose),`)}
  });
  return {
    start() { ${graph.tops.map((top) => `container.resolve('service${top}');`).join(' ')} },
    stop: () => container.dispose(),
  };
}`,
};
