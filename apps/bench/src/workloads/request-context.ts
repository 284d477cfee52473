/** Measures a request's context: opens it, looks up five request-scoped values and closes it. */
import { meanTime } from '../harness/hot.ts';
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import { counts } from '../request-context/values.ts';

/** Creates the objects that all requests share. @returns a function that serves one request */
type Prepare = () => Promise<() => Promise<void>>;

/** In development, values are compared with the classes they are published as. */
const inDevelopment = 'asphalt (development)';

const loaders: Loaders<{ prepare: Prepare }> = {
  asphalt: () => import('../request-context/asphalt.ts'),
  [inDevelopment]: () => import('../request-context/asphalt.ts'),
  hand: () => import('../request-context/hand.ts'),
  '@inferdi/inferdi': () => import('../request-context/inferdi.ts'),
  '@ditsmod/core': () => import('../request-context/ditsmod.ts'),
  awilix: () => import('../request-context/awilix.ts'),
  'typed-inject': () => import('../request-context/typed-inject.ts'),
  effect: () => import('../request-context/effect.ts'),
  '@nestjs/core': () => import('../request-context/nestjs.ts'),
  inversify: () => import('../request-context/inversify.ts'),
};

/** Subjects without teardowns for values of a request. */
const withoutTeardown = new Set(['@ditsmod/core', '@nestjs/core']);
const disposesNot = 'does not dispose';

export const requestContext: Workload = {
  name: 'request-context',
  measures:
    'A child context is opened, creates five values of its own that each have an asynchronous teardown, and is closed.',
  unit: 'µs',
  yardstick: 'hand',
  target: 'asphalt ≤ 2 × hand, and ahead of all others',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: 'in production' },
    { name: inDevelopment, package: '@asphalt/core', note: 'values are checked' },
    { name: 'hand', note: 'awaits each value and each teardown' },
    { name: '@inferdi/inferdi', package: '@inferdi/inferdi' },
    { name: '@ditsmod/core', package: '@ditsmod/core', note: `child injector; ${disposesNot}` },
    { name: 'awilix', package: 'awilix' },
    { name: 'typed-inject', package: 'typed-inject' },
    { name: 'effect', package: 'effect', note: 'scope' },
    { name: '@nestjs/core', package: '@nestjs/core', note: `request scope; ${disposesNot}` },
    { name: 'inversify', package: 'inversify', note: 'child container' },
  ],
  async sample(subject, effort) {
    process.env['ASPHALT_CHECKS'] = subject === inDevelopment ? 'on' : 'off';
    const { prepare } = await load(loaders, subject);
    const serve = await prepare();
    Object.assign(counts, { made: 0, used: 0, disposed: 0 });
    let requests = 0;
    const time = await meanTime(async () => {
      requests++;
      await serve();
    }, effort);
    const wanted = {
      made: 5 * requests,
      used: 5 * requests,
      disposed: withoutTeardown.has(subject) ? 0 : 5 * requests,
    };
    if (JSON.stringify(counts) !== JSON.stringify(wanted)) {
      throw new Error(`After ${requests} requests: ${JSON.stringify(counts)}`);
    }
    return { value: time / 1000 };
  },
};
