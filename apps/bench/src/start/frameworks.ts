/** The programs of subjects with a life cycle: they start services and stop them. */
import type { Graph } from './graph.ts';
import { each, list, madeService, names, prelude, serviceClass, type Program } from './text.ts';

const nestLibraries = ['reflect-metadata', '@nestjs/common', '@nestjs/core'];

const nestImports = `
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
${prelude}`;

const nestRun = `
export function build() {
  let app: Awaited<ReturnType<typeof NestFactory.createApplicationContext>>;
  return {
    async start() { app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false }); },
    stop: () => app.close(),
  };
}`;

/** NestJS: one module with all services; asynchronous factories if starts take time. */
export const nestjs: Program = {
  libraries: nestLibraries,
  stops: 'in any order',
  write: (graph) => `
${nestImports}
${each(graph, (service) => serviceClass(service, { before: '@Injectable()', stop: 'onModuleDestroy' }))}

@Module({ providers: [
  ${each(graph, (service) => (service.startMs > 0 ? nestFactory(service) : `Service${service.index},`))}
] })
class AppModule {}
${nestRun}`,
};

function nestFactory(service: Graph['services'][number]): string {
  const { index, needs } = service;
  const parameters = list(needs.map((need) => `service${need}: Service${need}`));
  const inject = list(needs.map((need) => `Service${need}`));
  const { value } = madeService(service);
  return `{ provide: Service${index}, useFactory: async (${parameters}) => ${value}, inject: [${inject}] },`;
}

/** NestJS: a module per service, whose `onModuleInit` runs after those of its imported modules. */
export const nestjsOnModuleInit: Program = {
  libraries: nestLibraries,
  stops: 'in any order',
  write: (graph) => `
${nestImports}
${each(graph, (service) => {
  const { index, needs } = service;
  const modules = list(needs.map((need) => `Module${need}`));
  const hooks = { before: '@Injectable()', start: 'onModuleInit', stop: 'onModuleDestroy' };
  return `
${serviceClass(service, hooks)}
@Module({ imports: [${modules}], providers: [Service${index}], exports: [Service${index}] })
class Module${index} {}`;
})}

@Module({ imports: [${list(graph.tops.map((top) => `Module${top}`))}] })
class AppModule {}
${nestRun}`,
};

/** Effect: a layer per service, provided with the layers of its needs; layers are created once. */
export const effect: Program = {
  libraries: ['effect'],
  stops: 'each before its needs',
  write: (graph) => `
import { Context, Effect, Layer, ManagedRuntime } from 'effect';
${prelude}
${each(graph, (service) => {
  const { index, needs, startMs } = service;
  const needed = list(needs.map((need) => `yield* Key${need}`));
  const layers = list(needs.map((need) => `Layer${need}`));
  return `
${serviceClass(service)}
const Key${index} = Context.Service<Service${index}>('Service${index}');
const Layer${index} = Layer.effect(Key${index}, Effect.gen(function* () {
  const service = new Service${index}(${needed});
  ${startMs > 0 ? 'yield* Effect.promise(() => service.start());' : ''}
  yield* Effect.addFinalizer(() => Effect.sync(() => service.stop()));
  return service;
}))${needs.length > 0 ? `.pipe(Layer.provide([${layers}]))` : ''};`;
})}

export function build() {
  const runtime = ManagedRuntime.make(Layer.mergeAll(${list(graph.tops.map((top) => `Layer${top}`))}));
  return { start: () => runtime.runPromise(Effect.void), stop: () => runtime.dispose() };
}`,
};

/** LoopBack: life cycle observers that start and stop with the application. */
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

/** LoopBack: providers, which may be asynchronous. Dependents do not wait for life cycle observers. */
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

/** avvio: a plugin per service, which reads its needs from the instance; plugins are loaded in sequence. */
export const avvio: Program = {
  libraries: ['avvio'],
  stops: 'each before its needs',
  write: (graph) => `
import avvio from 'avvio';
${prelude}
${each(graph, (service) => serviceClass(service))}

export function build() {
  const app = avvio({}, { expose: {}, autostart: false });
  ${each(graph, (service) => {
    const { index } = service;
    const value = madeService(service).value.replaceAll(/\bservice\d/g, 'instance.$&');
    return `app.use(async (instance) => {
      instance.service${index} = ${value};
      instance.onClose(async () => instance.service${index}.stop());
    });`;
  })}
  return {
    async start() { app.start(); await app.ready(); },
    stop: () => app.close(),
  };
}`,
};

/** cordis: a plugin per service, which is loaded once its injected services are available. */
export const cordis: Program = {
  libraries: ['cordis'],
  stops: 'in any order',
  write: (graph) => `
import { Context } from 'cordis';
${prelude}
${each(graph, (service) => serviceClass(service))}

export function build() {
  const app = new Context();
  return {
    start() {
      ${each(graph, (service) => {
        const { index, needs } = service;
        const { value } = madeService(service);
        return `app.plugin({
          name: 'service${index}',
          inject: [${list(names(needs).map((name) => `'${name}'`))}],
          async apply(context) {
            const service = ${value.replaceAll(/\bservice\d/g, 'context.$&')};
            context.set('service${index}', service);
            context.on('dispose', () => service.stop());
          },
        });`;
      })}
      return app.start();
    },
    stop: () => app.stop(),
  };
}`,
};
