/** Measures the lookup of an application-scoped resource. */
import { meanTime } from '../harness/hot.ts';
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import { Wanted } from '../lookup/services.ts';

/** Starts an application of ten services. @returns a function that looks up {@link Wanted} */
type Open = () => (() => Wanted) | Promise<() => Wanted>;

const loaders: Loaders<{ open: Open }> = {
  asphalt: () => import('../lookup/asphalt.ts'),
  'Map.get': () => import('../lookup/map.ts'),
  '@nestjs/core': () => import('../lookup/nestjs.ts'),
  effect: () => import('../lookup/effect.ts'),
  '@ditsmod/core': () => import('../lookup/ditsmod.ts'),
  '@loopback/core': () => import('../lookup/loopback.ts'),
  awilix: () => import('../lookup/awilix.ts'),
  tsyringe: () => import('../lookup/tsyringe.ts'),
  'typed-inject': () => import('../lookup/typed-inject.ts'),
  inversify: () => import('../lookup/inversify.ts'),
  '@inferdi/inferdi': () => import('../lookup/inferdi.ts'),
  cordis: () => import('../lookup/cordis.ts'),
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
    const { open } = await load(loaders, subject);
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
