import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@asphalt/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LoggingConfigError, loggingSettings, type LoggingSettings } from '../src/logging-settings.ts';

async function settings(...set: string[]): Promise<LoggingSettings> {
  return loggingSettings(await loadConfig({ set, env: {} }));
}

test('without the setting, lines of level info and above are written', async () => {
  expect(await settings()).toEqual({ level: 'info', levels: new Map() });
});

test('a level may stand alone or with others for parts of the application', async () => {
  expect(await settings('logging=debug')).toEqual({ level: 'debug', levels: new Map() });
  expect(await settings('logging={ level: silent }')).toEqual({ level: 'silent', levels: new Map() });
  expect(await settings('logging.levels.web\\.pool=error')).toEqual({
    level: 'info',
    levels: new Map([['web.pool', 'error']]),
  });
});

test('a format may be said, and a file, which starts at the folder of the file that says it', async () => {
  expect(await settings('logging={ format: json }')).toEqual({ level: 'info', levels: new Map(), format: 'json' });
  expect(await settings('logging.file=app.log')).toMatchObject({ file: join(process.cwd(), 'app.log') });
  const folder = mkdtempSync(join(tmpdir(), 'asphalt-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'asphalt.yaml'), 'logging: { file: var/app.log }\n');
  const config = await loadConfig({ files: [join(folder, 'asphalt.yaml')], env: {} });
  expect(loggingSettings(config).file).toBe(join(folder, 'var/app.log'));
});

describe('refuses', () => {
  const refusal = async (set: string): Promise<string> => {
    try {
      await settings(set);
    } catch (error) {
      if (error instanceof LoggingConfigError) return error.message;
    }
    throw new Error('expected a refusal');
  };

  test('a level that there is not', async () => {
    expect(await refusal('logging=loud')).toMatchInlineSnapshot(`
      "\`logging\` must be a log level, got "loud"
        from         --set
        help         choose one of debug, info, warn, error, silent
        code         ERR_LOGGING_CONFIG"
    `);
    expect(await refusal('logging.level=5')).toMatchInlineSnapshot(`
      "\`logging.level\` must be a log level, got 5
        from         --set
        help         choose one of debug, info, warn, error, silent
        code         ERR_LOGGING_CONFIG"
    `);
  });

  test('such a level for a part', async () => {
    expect(await refusal('logging.levels.web\\.pool=wran')).toMatchInlineSnapshot(`
      "\`logging.levels.web\\.pool\` must be a log level, got "wran"
        from         --set
        help         did you mean warn?
        code         ERR_LOGGING_CONFIG"
    `);
  });

  test('an unknown key', async () => {
    expect(await refusal('logging.levles.web=info')).toMatchInlineSnapshot(`
      "\`logging.levles\` is not a known key
        from         --set
        help         did you mean level?
        code         ERR_LOGGING_CONFIG"
    `);
  });

  test('a format that there is not, and what is no path of a file', async () => {
    expect(await refusal('logging.format=jsno')).toMatchInlineSnapshot(`
      "\`logging.format\` must be a log format, got "jsno"
        from         --set
        help         did you mean json?
        code         ERR_LOGGING_CONFIG"
    `);
    expect(await refusal('logging.file=5')).toMatchInlineSnapshot(`
      "\`logging.file\` must be the path of a file, got 5
        from         --set
        help         write file: var/application.log
        code         ERR_LOGGING_CONFIG"
    `);
  });

  test('levels that are no mapping', async () => {
    expect(await refusal('logging.levels=[web]')).toMatchInlineSnapshot(`
      "\`logging.levels\` must be a mapping
        from         --set
        help         write levels: { path.of.component: debug }
        code         ERR_LOGGING_CONFIG"
    `);
  });
});
