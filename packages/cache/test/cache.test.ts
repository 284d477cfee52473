import { Component, component, startApplication, provides } from '@asphalt/core';
import { PayloadError, Serializer } from '@asphalt/integration';
import { Deferred, errorOf, problemOf, recordingLogger } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { Cache, CacheComponent } from '../src/index.ts';

test('a value that the serializer cannot write is an error', async () => {
  const app = await startApplication(CacheComponent);
  onTestFinished(() => app.stop());
  const cache = app.context.getResourceSync(Cache);
  await errorOf(
    cache.set('a', () => 1),
    PayloadError,
  );
  await errorOf(
    cache.wrap('a', () => Symbol('a')),
    PayloadError,
  );
});

test('the cache uses the serializer of the application, and loads a value that it cannot read', async () => {
  class Reverse extends Serializer {
    readonly mediaType = 'text/plain';
    serialize(value: unknown): Uint8Array {
      return Buffer.from(String(value)).reverse();
    }
    deserialize(payload: Uint8Array): unknown {
      const text = Buffer.from(payload).reverse().toString();
      if (text === 'broken') throw new Error('no text');
      return text;
    }
  }
  class Texts extends Component {
    @provides(Serializer)
    serializer(): Serializer {
      return new Reverse();
    }
  }
  @component({ components: { texts: Texts, cache: CacheComponent } })
  class App extends Component {}
  const { logger, lines } = recordingLogger();
  const app = await startApplication(App, { logger });
  onTestFinished(() => app.stop());
  const cache = app.context.getResourceSync(Cache);
  await cache.set('a', 12);
  expect(await cache.get('a')).toBe('12');
  await cache.set('a', 'broken');
  expect(await cache.wrap('a', () => 'loaded')).toBe('loaded');
  expect(lines.map(({ message }) => message)).toEqual(['A cached value cannot be read, so it is loaded again']);
});

test('a stop waits for the loads that are running', async () => {
  const app = await startApplication(CacheComponent);
  const cache = app.context.getResourceSync(Cache);
  const loading = new Deferred();
  const events: string[] = [];
  const loaded = cache.wrap('a', async () => {
    await loading.promise;
    events.push('loaded');
  });
  const stopped = app.stop().then(() => events.push('stopped'));
  loading.resolve();
  await Promise.all([loaded, stopped]);
  expect(events).toEqual(['loaded', 'stopped']);
});

test('a load that never ends delays a stop by `drain` at most, and does not block its key after a deletion', async () => {
  const { logger, lines } = recordingLogger();
  const app = await startApplication(CacheComponent, { config: { drain: 100 }, logger });
  const cache = app.context.getResourceSync(Cache);
  void cache.wrap('a', () => new Promise(() => undefined));
  await cache.delete('a');
  expect(await cache.wrap('a', () => 'loaded')).toBe('loaded');
  await app.stop();
  expect(lines.map(({ message }) => message)).toEqual([
    'Loads of cached values did not end within 100 ms; the stop does not wait for them',
  ]);
});

test('a cache without memory is a problem of the plan', async () => {
  expect(await problemOf(CacheComponent, { maxSize: 0 } as never)).toContain('must be at least 1 byte');
});
