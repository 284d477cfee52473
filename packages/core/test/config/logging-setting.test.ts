import { join } from 'node:path';
import { ConfigError } from '@asphalt/core';
import { loadConfig, type ApplicationSettings } from '@asphalt/core/config';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

async function settings(...set: string[]): Promise<ApplicationSettings['logging']> {
  return (await loadConfig({ set, env: {} })).settings.logging;
}

test('the logging setting may be omitted, empty or without a level', async () => {
  expect(await settings()).toBeUndefined();
  expect(await settings('logging=')).toBeUndefined();
  expect(await settings('logging={}')).toEqual({ level: 'info', levels: {} });
});

test('the logging setting may be only a level, or a section with levels of components', async () => {
  expect(await settings('logging=debug')).toEqual({ level: 'debug', levels: {} });
  expect(await settings('logging={ level: silent }')).toEqual({ level: 'silent', levels: {} });
  expect(await settings('logging.levels.web\\.pool=error')).toEqual({ level: 'info', levels: { 'web.pool': 'error' } });
});

test('a level in place of the logging section keeps the settings of other layers', async () => {
  const expected = { level: 'warn', levels: { web: 'debug' } };
  const cwd = tempFolder({ 'level.yaml': 'logging: warn\n', 'levels.yaml': 'logging: { levels: { web: debug } }\n' });
  const load = async (files: string[], ...set: string[]): Promise<ApplicationSettings['logging']> =>
    (await loadConfig({ files, set, cwd, env: {} })).settings.logging;
  expect(await load(['level.yaml', 'levels.yaml'])).toEqual(expected);
  expect(await load(['levels.yaml', 'level.yaml'])).toEqual(expected);
  expect(await load(['level.yaml'], 'logging.levels.web=debug')).toEqual(expected);
});

test('the logging section accepts a format, and a file relative to the configuration file', async () => {
  expect(await settings('logging={ format: json }')).toEqual({ level: 'info', levels: {}, format: 'json' });
  expect(await settings('logging.file=app.log')).toMatchObject({ file: join(process.cwd(), 'app.log') });
  const cwd = tempFolder({ 'conf/asphalt.yaml': 'logging: { file: var/app.log }\n' });
  const { logging } = (await loadConfig({ files: ['conf/asphalt.yaml'], cwd, env: {} })).settings;
  expect(logging?.file).toBe(join(cwd, 'conf/var/app.log'));
});

describe('the logging setting', () => {
  const refusal = async (text: string): Promise<string> => {
    const cwd = tempFolder({ 'asphalt.yaml': text });
    const error = await errorOf(() => loadConfig({ files: ['asphalt.yaml'], cwd, env: {} }));
    expect(error).toBeInstanceOf(ConfigError);
    return error.message;
  };

  test('reports all unknown levels at once', async () => {
    expect(await refusal('logging: debgu\n')).toMatchInlineSnapshot(`
      "\`logging.level\` must be one of "debug", "info", "warn", "error", "silent", got "debgu"
        from         asphalt.yaml:1:1
                     1 │ logging: debgu
                       │ ^
        help         did you mean "debug"?
        code         ERR_CONFIG_INVALID"
    `);
    expect(await refusal('logging: { level: loud, levels: { web.pool: wran, web: info } }\n')).toMatchInlineSnapshot(`
      "Configuration has 2 problems
        1. \`logging.level\` must be one of "debug", "info", "warn", "error", "silent", got "loud"
           from  asphalt.yaml:1:12
                 1 │ … level: loud …
                   │   ^
        2. \`logging.levels.web\\.pool\` must be one of "debug", "info", "warn", "error", "silent", got "wran"
           from  asphalt.yaml:1:35
                 1 │ … web.pool: wran …
                   │   ^
           help  did you mean "warn"?
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('rejects a level number and suggests the name of the level', async () => {
    expect(await refusal('logging: 20\n')).toMatchInlineSnapshot(`
      "\`logging.level\` must be one of "debug", "info", "warn", "error", "silent", got 20
        from         asphalt.yaml:1:1
                     1 │ logging: 20
                       │ ^
        help         levels have names: write "debug" for pino's 20
        code         ERR_CONFIG_INVALID"
    `);
    expect(await refusal('logging: { level: 35, levels: { web: 60 } }\n')).toMatchInlineSnapshot(`
      "Configuration has 2 problems
        1. \`logging.level\` must be one of "debug", "info", "warn", "error", "silent", got 35
           from  asphalt.yaml:1:12
                 1 │ … level: 35 …
                   │   ^
        2. \`logging.levels.web\` must be one of "debug", "info", "warn", "error", "silent", got 60
           from  asphalt.yaml:1:33
                 1 │ … web: 60 …
                   │   ^
           help  levels have names: write "error" for pino's 60
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('rejects an unknown key, an unknown format and a file that is not a path', async () => {
    expect(await refusal('logging: { levles: { web: info }, format: jsno, file: 50 }\n')).toMatchInlineSnapshot(`
      "Configuration has 3 problems
        1. \`logging.levles\` is not a known option
           from  asphalt.yaml:1:12
                 1 │ … levles: …
                   │   ^
           help  did you mean \`logging.level\` or \`logging.levels\`?
        2. \`logging.format\` must be one of "pretty", "json", got "jsno"
           from  asphalt.yaml:1:35
                 1 │ … format: jsno …
                   │   ^
           help  did you mean "json"?
        3. \`logging.file\` must be a path, got 50
           from  asphalt.yaml:1:49
                 1 │ … file: 50 …
                   │   ^
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('rejects a list in place of the section or of the levels', async () => {
    expect(await refusal('logging: { levels: [web] }\n')).toMatchInlineSnapshot(`
      "\`logging.levels\` must be a mapping, got a list
        from         asphalt.yaml:1:12
                     1 │ … levels: …
                       │   ^
        code         ERR_CONFIG_INVALID"
    `);
    expect(await refusal('logging: [web]\n')).toMatchInlineSnapshot(`
      "\`logging\` must be a mapping of options, got a list
        from         asphalt.yaml:1:1
                     1 │ logging: …
                       │ ^
        code         ERR_CONFIG_INVALID"
    `);
  });
});
