/** Measures the lookup of an application-scoped resource. */
import type { Context as EffectContext } from 'effect';
import type { Injector as TypedInjector } from 'typed-inject';
import type { Spec } from '@inferdi/inferdi';
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

class Service {}

/** The class that is looked up. */
class Wanted extends Service {}

const others = Array.from({ length: 9 }, (_, index): [string, new () => Service] => [
  `other${index}`,
  class extends Service {},
]);

/** Application-scoped services by name. `Wanted` is neither the first nor the last. */
const services: ReadonlyArray<readonly [string, new () => Service]> = [
  ...others.slice(0, 5),
  ['wanted', Wanted],
  ...others.slice(5),
];

declare module 'cordis' {
  interface Context {
    wanted: Wanted;
  }
}

/** Starts an application of ten services. @returns a function that looks up {@link Wanted} */
type Open = () => Promise<() => Wanted>;

const implementations: Implementations<Open> = {
  async asphalt() {
    const { Context } = await import('@asphalt/core');
    const application = new Context();
    for (const [, type] of services) application.addResource(type, new type());
    const request = application.child();
    return () => request.getResourceSync(Wanted);
  },

  async 'Map.get'() {
    const map = new Map<new () => object, object>();
    for (const [, type] of services) map.set(type, new type());
    return () => map.get(Wanted) as Wanted;
  },

  async '@nestjs/core'() {
    await import('reflect-metadata');
    const { Injectable, Module } = await import('@nestjs/common');
    const { NestFactory } = await import('@nestjs/core');
    const providers = services.map(([, type]) => type);
    for (const type of providers) Injectable()(type);

    @Module({ providers })
    class AppModule {}

    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    return () => app.get(Wanted);
  },

  async effect() {
    const { Context } = await import('effect');
    const wanted = Context.Service<Wanted>('wanted');
    let context = Context.empty() as EffectContext.Context<Wanted>;
    for (const [name, type] of services) {
      context = Context.add(context, name === 'wanted' ? wanted : Context.Service<Wanted>(name), new type());
    }
    return () => Context.get(context, wanted);
  },

  async '@ditsmod/core'() {
    const { Injector } = await import('@ditsmod/core');
    const injector = Injector.resolveAndCreate(services.map(([, type]) => type));
    return () => injector.get(Wanted);
  },

  async '@loopback/core'() {
    const { Application, BindingScope } = await import('@loopback/core');
    const app = new Application();
    for (const [name, type] of services) app.bind(`services.${name}`).toClass(type).inScope(BindingScope.SINGLETON);
    return () => app.getSync<Wanted>('services.wanted');
  },

  async awilix() {
    const { asClass, createContainer } = await import('awilix');
    const container = createContainer<{ wanted: Wanted }>({ strict: true });
    for (const [name, type] of services) container.register(name, asClass(type).singleton());
    return () => container.resolve('wanted');
  },

  async tsyringe() {
    await import('reflect-metadata');
    const { container, singleton } = await import('tsyringe');
    for (const [, type] of services) singleton()(type);
    return () => container.resolve(Wanted);
  },

  async 'typed-inject'() {
    const { createInjector } = await import('typed-inject');
    let injector = createInjector() as TypedInjector<{ wanted: Wanted }>;
    for (const [name, type] of services) injector = injector.provideClass(name, type);
    return () => injector.resolve('wanted');
  },

  async inversify() {
    await import('reflect-metadata');
    const { Container } = await import('inversify');
    const container = new Container();
    for (const [, type] of services) container.bind(type).toSelf().inSingletonScope();
    return () => container.get(Wanted);
  },

  async '@inferdi/inferdi'() {
    const { Container } = await import('@inferdi/inferdi');
    const container = new Container<{ wanted: Spec<Wanted> }>();
    for (const [name, type] of services) container.registerClass(name, type, []);
    return () => container.get('wanted');
  },

  async cordis() {
    const { Context } = await import('cordis');
    const context = new Context();
    for (const [name, type] of services) context.set(name, new type());
    return () => context.wanted;
  },
};

export const lookup: Workload = {
  name: 'lookup',
  measures: 'One of ten application-scoped resources is looked up.',
  unit: 'ns',
  yardstick: 'Map.get',
  target: 'asphalt ≤ 2 × Map.get',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: 'from a child context' },
    { name: 'Map.get' },
    { name: '@nestjs/core', package: '@nestjs/core' },
    { name: 'effect', package: 'effect' },
    { name: '@ditsmod/core', package: '@ditsmod/core' },
    { name: '@loopback/core', package: '@loopback/core' },
    { name: 'awilix', package: 'awilix' },
    { name: 'tsyringe', package: 'tsyringe' },
    { name: 'typed-inject', package: 'typed-inject' },
    { name: 'inversify', package: 'inversify' },
    { name: '@inferdi/inferdi', package: '@inferdi/inferdi' },
    { name: 'cordis', package: 'cordis', note: '`ctx.wanted`; takes a stack trace each time' },
  ],
  async sample(subject, effort) {
    const open = implementationOf(implementations, subject);
    const find = await open();
    const service = find();
    if (!(service instanceof Wanted)) throw new Error('The lookup returned another class');
    // Keeps the result, so that the engine cannot eliminate the lookup.
    let found: Wanted | undefined;
    let others = 0;
    const value = await meanTime(() => {
      found = find();
      if (found !== service) others++;
    }, effort);
    if (found !== service || others > 0) throw new Error(`${others} lookups returned another instance`);
    return { value };
  },
};
