import type { Graph } from './graph.ts';
import { each, list, madeService, prelude, serviceClass, type Program } from './text.ts';

const libraries = ['reflect-metadata', '@nestjs/common', '@nestjs/core'];

const imports = `
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
${prelude}`;

const run = `
export function build() {
  let app: Awaited<ReturnType<typeof NestFactory.createApplicationContext>>;
  return {
    async start() { app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false }); },
    stop: () => app.close(),
  };
}`;

/** One module with all services; asynchronous factories if starts take time. */
export const nestjs: Program = {
  libraries,
  stops: 'in any order',
  write: (graph) => `
${imports}
${each(graph, (service) => serviceClass(service, { before: '@Injectable()', stop: 'onModuleDestroy' }))}

@Module({ providers: [
  ${each(graph, (service) => (service.startMs > 0 ? factory(service) : `Service${service.index},`))}
] })
class AppModule {}
${run}`,
};

function factory(service: Graph['services'][number]): string {
  const { index, needs } = service;
  const parameters = list(needs.map((need) => `service${need}: Service${need}`));
  const inject = list(needs.map((need) => `Service${need}`));
  const { value } = madeService(service);
  return `{ provide: Service${index}, useFactory: async (${parameters}) => ${value}, inject: [${inject}] },`;
}

/** A module per service, whose `onModuleInit` runs after those of its imported modules. */
export const nestjsOnModuleInit: Program = {
  libraries,
  stops: 'in any order',
  write: (graph) => `
${imports}
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
${run}`,
};
