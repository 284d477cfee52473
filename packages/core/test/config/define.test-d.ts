/** What the compiler makes of declared options. Checked by `tsc -p packages/core/test/tsconfig.json`; never run. */
import { expectTypeOf } from 'vitest';
import { defineConfig, type ConfigInput, type ConfigOf, type ConfigSchema } from '../../src/config/define.ts';
import type { StandardSchema } from '../../src/config/standard-schema.ts';

declare const stringList: StandardSchema<string[] | undefined, string[]>;

const doc = 'Some option';

const options = defineConfig({
  host: { doc, format: 'string', default: '127.0.0.1' },
  password: { doc, format: 'string', sensitive: true },
  ratio: { doc, format: 'number', required: true },
  count: { doc, format: 'int', default: 0 },
  port: { doc, format: 'port', default: 8000, env: 'PORT' },
  verbose: { doc, format: 'boolean', default: false },
  every: { doc, format: 'duration', default: '10s' },
  timeout: { doc, format: 'duration', default: 250 },
  limit: { doc, format: 'bytes', default: '1.5MiB' },
  link: { doc, format: 'url', required: true },
  folder: { doc, format: 'path', default: 'data' },
  headers: { doc, format: 'object', default: { accept: 'text/html' } },
  certificate: { doc, format: 'binary' },
  backend: { doc, format: ['smtp', 'file', 'memory'], default: 'smtp' },
  level: { doc, format: [1, 2] },
  tags: { doc, format: stringList, default: ['a'] },
});

expectTypeOf<ConfigOf<typeof options>>().toEqualTypeOf<{
  readonly host: string;
  readonly password: string | undefined;
  readonly ratio: number;
  readonly count: number;
  readonly port: number;
  readonly verbose: boolean;
  readonly every: number;
  readonly timeout: number;
  readonly limit: number;
  readonly link: string;
  readonly folder: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly certificate: Uint8Array | undefined;
  readonly backend: 'smtp' | 'file' | 'memory';
  readonly level: 1 | 2 | undefined;
  readonly tags: string[];
}>();

expectTypeOf<{ host: string; every: '5s'; backend: 'file' }>().toExtend<ConfigInput<typeof options>>();
expectTypeOf<{}>().toExtend<ConfigInput<typeof options>>();
expectTypeOf<{ every: 'soon' }>().not.toExtend<ConfigInput<typeof options>>();
expectTypeOf<{ host: number }>().not.toExtend<ConfigInput<typeof options>>();

// Any schema may stand where some schema is wanted.
expectTypeOf(options).toExtend<ConfigSchema>();
expectTypeOf<ConfigOf<ConfigSchema<{}>>>().toEqualTypeOf<{}>();
expectTypeOf(defineConfig({})).toExtend<ConfigSchema<{}>>();

declare const config: ConfigOf<typeof options>;
// @ts-expect-error checked options cannot be changed
config.port = 1;
// @ts-expect-error there is no such option
expectTypeOf(config.prot);

// @ts-expect-error a default must be a string here
defineConfig({ host: { doc, format: 'string', default: 1 } });
// @ts-expect-error `10 parsecs` is no duration
defineConfig({ every: { doc, format: 'duration', default: '10parsecs' } });
// @ts-expect-error `1.5xb` is no size
defineConfig({ limit: { doc, format: 'bytes', default: '1.5xb' } });
// @ts-expect-error a default must be one of the values
defineConfig({ backend: { doc, format: ['smtp', 'file'], default: 'pigeon' } });
// @ts-expect-error a default must fit the schema
defineConfig({ tags: { doc, format: stringList, default: [1] } });
// @ts-expect-error there is no such format
defineConfig({ host: { doc, format: 'text' } });
// @ts-expect-error a required option has no default
defineConfig({ host: { doc, format: 'string', required: true, default: 'x' } });
// @ts-expect-error nobody reads a field of that name
defineConfig({ host: { doc, format: 'string', requried: true } });
// @ts-expect-error every option says what it is for
defineConfig({ host: { format: 'string' } });
