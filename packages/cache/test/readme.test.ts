import { readFileSync } from 'node:fs';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { CacheComponent } from '../src/index.ts';
import { MemcachedCacheComponent } from '../src/memcached.ts';
import { RedisCacheComponent } from '../src/redis.ts';

test('the README lists exactly the options of the components', async () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, options] = /## Options\n(.*?)\n## /s.exec(page)!;
  const listed = Array.from(options!.matchAll(/^\| `(\w+)` \|/gm), ([, name]) => name);
  const types = [CacheComponent, RedisCacheComponent, MemcachedCacheComponent];
  const described = await Promise.all(types.map((type) => describeConfig(type)));
  const declared = described.flatMap(({ components }) =>
    components[0]!.options.map(({ path }) => path.split('.').at(-1)!),
  );
  expect(listed.toSorted()).toEqual([...new Set(declared)].toSorted());
});
