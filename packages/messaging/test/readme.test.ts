import { readFileSync } from 'node:fs';
import type { ComponentClass } from '@asphalt/core';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { MessagingComponent } from '../src/index.ts';
import { NatsMessagingComponent } from '../src/nats/index.ts';
import { PostgresMessagingComponent } from '../src/postgres/index.ts';
import { RedisMessagingComponent } from '../src/redis/index.ts';
import { OutboxComponent } from '../src/sql/index.ts';

const shared = /^## Options\n\n(.*?)\n\n/ms;

function tableOf(name: string): RegExp {
  return new RegExp(`^\\| option of \`${name}\`(.*?)\\n\\n`, 'ms');
}

test.each([
  [MessagingComponent, [shared]],
  [OutboxComponent, [tableOf('OutboxComponent')]],
  [NatsMessagingComponent, [shared, tableOf('NatsMessagingComponent')]],
  [RedisMessagingComponent, [shared, tableOf('RedisMessagingComponent')]],
  [PostgresMessagingComponent, [shared, tableOf('PostgresMessagingComponent')]],
] as [ComponentClass, RegExp[]][])('the README lists exactly the options of %o', async (type, patterns) => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const tables = patterns.map((pattern) => pattern.exec(page)![1]!).join('\n');
  const rows = Array.from(tables.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm), ([, names]) => names!.match(/\w+/g)!);
  const { components } = await describeConfig(type);
  const declared = components[0]!.options.map(({ path }) => path.split('.').at(-1));
  expect(rows.flat().toSorted()).toEqual(declared.toSorted());
});
