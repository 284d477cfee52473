/** Type tests of declared options. Checked by `tsc -p packages/core/test/tsconfig.json`, never run. */
import {
  type ConfigInput,
  type ConfigOf,
  type ConfigSchema,
  defineConfig,
  listOf,
  mapOf,
  type StandardSchema,
} from '@asphalt/core';
import { expectTypeOf } from 'vitest';
import * as v from 'valibot';
import { z } from 'zod';

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

// Every schema is assignable to `ConfigSchema`.
expectTypeOf(options).toExtend<ConfigSchema>();
expectTypeOf<ConfigOf<ConfigSchema<{}>>>().toEqualTypeOf<{}>();
expectTypeOf(defineConfig({})).toExtend<ConfigSchema<{}>>();

declare const config: ConfigOf<typeof options>;
// @ts-expect-error validated options are read-only
config.port = 1;
// @ts-expect-error the schema has no such option
expectTypeOf(config.prot);

// @ts-expect-error the default must be a string
defineConfig({ host: { doc, format: 'string', default: 1 } });
// @ts-expect-error `10parsecs` is not a duration
defineConfig({ every: { doc, format: 'duration', default: '10parsecs' } });
// @ts-expect-error `1.5xb` is not a size
defineConfig({ limit: { doc, format: 'bytes', default: '1.5xb' } });
// @ts-expect-error the default must be one of the choices
defineConfig({ backend: { doc, format: ['smtp', 'file'], default: 'pigeon' } });
// @ts-expect-error the default must match the schema
defineConfig({ tags: { doc, format: stringList, default: [1] } });
// @ts-expect-error the format does not exist
defineConfig({ host: { doc, format: 'text' } });
// @ts-expect-error a required option must not have a default
defineConfig({ host: { doc, format: 'string', required: true, default: 'x' } });
// @ts-expect-error an option has no field of that name
defineConfig({ host: { doc, format: 'string', requried: true } });
// @ts-expect-error every option must have a `doc`
defineConfig({ host: { format: 'string' } });

// The types of nested formats are inferred, too.
const nested = defineConfig({
  tls: {
    doc,
    format: defineConfig({ port: { doc, format: 'port', default: 443 }, key: { doc, format: 'path', required: true } }),
  },
  limits: { doc, format: defineConfig({ size: { doc, format: 'bytes', default: '1kb' } }), default: {} },
  mirrors: { doc, format: listOf('url'), default: ['https://example.org/'] },
  modes: { doc, format: listOf(['fast', 'safe']), required: true },
  users: { doc, format: listOf(defineConfig({ name: { doc, format: 'name', required: true } })), default: [] },
  timeouts: { doc, format: mapOf('duration') },
  pattern: { doc, format: 'regexp', default: '^a+$' },
  contact: { doc, format: 'email', required: true, deprecated: 'use mail' },
  shape: { doc, format: z.object({ side: z.number() }), required: true },
  size: {
    doc,
    format: v.pipe(
      v.string(),
      v.transform((text) => text.length),
    ),
    required: true,
  },
});

expectTypeOf<ConfigOf<typeof nested>>().toEqualTypeOf<{
  readonly tls: { readonly port: number; readonly key: string } | undefined;
  readonly limits: { readonly size: number };
  readonly mirrors: readonly string[];
  readonly modes: readonly ('fast' | 'safe')[];
  readonly users: readonly { readonly name: string }[];
  readonly timeouts: Readonly<Record<string, number>> | undefined;
  readonly pattern: RegExp;
  readonly contact: string;
  readonly shape: { side: number };
  readonly size: number;
}>();

expectTypeOf<{ tls: { port: 1 }; timeouts: { a: '5s' } }>().toExtend<ConfigInput<typeof nested>>();
expectTypeOf<{ tls: { port: 'x' } }>().not.toExtend<ConfigInput<typeof nested>>();
expectTypeOf<{ timeouts: { a: 'soon' } }>().not.toExtend<ConfigInput<typeof nested>>();
// @ts-expect-error the items of the default must match their format
defineConfig({ mirrors: { doc, format: listOf('url'), default: [1] } });
// @ts-expect-error the default of a section must match its options
defineConfig({ tls: { doc, format: defineConfig({ port: { doc, format: 'port' } }), default: { port: 'x' } } });
