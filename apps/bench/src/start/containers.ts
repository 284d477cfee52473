/** The programs of dependency injection containers. */
import { each, list, names, prelude, serviceClass, type Program } from './text.ts';

/** awilix: classes registered as singletons by name, in the default mode, where the constructor destructures its needs. */
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

/** tsyringe: singletons by decorator, resolved in the global container. */
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

/** typed-inject: a chain of injectors, one for each service, which lists its needs in `inject`. */
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

/** inversify: injectable classes bound to themselves as singletons; `@postConstruct` waits if starts take time. */
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

/** inferdi: classes registered by name, with the names of their needs. */
export const inferdi: Program = {
  libraries: ['@inferdi/inferdi'],
  stops: 'each before its needs',
  write: (graph) => `
import { Container } from '@inferdi/inferdi';
${prelude}
${each(graph, (service) => serviceClass(service, { stop: 'dispose' }))}

export function build() {
  const container = new Container();
  ${each(graph, ({ index, needs }) => {
    const keys = list(needs.map((need) => `'service${need}'`));
    return `container.registerClass('service${index}', Service${index}, [${keys}]);`;
  })}
  return {
    start() { ${graph.tops.map((top) => `container.get('service${top}');`).join(' ')} },
    stop: () => container.dispose(),
  };
}`,
};

/** ditsmod: injectable classes in one injector. */
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
