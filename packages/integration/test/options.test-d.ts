import { defineConfig, type ConfigInput, type ConfigOf } from '@asphalt/core';
import { expectTypeOf, test } from 'vitest';
import { endpointFaults, Link, serverOptions, type ServerConfig } from '../src/index.ts';

const kind = { scheme: 'fake', port: 7000, env: 'FAKE' } as const;
const options = defineConfig(
  { ...serverOptions(kind), database: { doc: 'Number', format: 'int', default: 0 } },
  endpointFaults(kind),
);

test('the options of a server keep their types after they are spread', () => {
  type Config = ConfigOf<typeof options>;
  expectTypeOf<Config>().toExtend<ServerConfig>();
  expectTypeOf<Config['timeout']>().toEqualTypeOf<number>();
  expectTypeOf<Config['database']>().toEqualTypeOf<number>();
  expectTypeOf<Config['url']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Config['connect']['for']>().toEqualTypeOf<number>();
  expectTypeOf<{ connect: { for: '3s' }; tls: {} }>().toExtend<ConfigInput<typeof options>>();
  // @ts-expect-error -- the unit is unknown
  expectTypeOf<{ connect: { for: '3 secs' } }>().toExtend<ConfigInput<typeof options>>();
});

test('`hold` yields the type of the client', () => {
  expectTypeOf(Link.prototype.hold<Map<string, number>>).returns.toEqualTypeOf<
    AsyncGenerator<Map<string, number>, void, unknown>
  >();
});
