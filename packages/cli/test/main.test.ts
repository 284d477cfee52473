import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from './asphalt-process.ts';

useAsphalt();

describe('help', () => {
  test('tells of the commands, on standard output', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: asphalt [options] [command]

      Runs applications that are composed of components.

      Options:
        -V, --version                  show the version
        -h, --help                     show this help

      Commands:
        run [options] [files...]       Check an application, start it and run it until
                                       it is told to stop.
        check [options] [files...]     Tell everything that keeps an application from
                                       starting, without starting it.
        graph [options] [files...]     Draw the components of an application and what
                                       they need of each other.
        timeline [options] [files...]  Start an application, stop it, and tell what
                                       its start took the time for.
        config                         Show, document, check and compare
                                       configurations.
        help [command]                 show the help of a command
      "
    `);
  });

  test('of run tells of its options', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), ['run', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: asphalt run [options] [files...]

      Check an application, start it and run it until it is told to stop.

      Arguments:
        files                 configuration files, YAML or JSON; a later one wins

      Options:
        --set <path=value>    set one value, over all files; can be repeated
        -s, --service <name>  the service to run, of those in the configuration (or
                              ASPHALT_SERVICE)
        -h, --help            show this help

      Examples:
        asphalt run asphalt.yaml
        asphalt run asphalt.yaml staging.yaml --set component.components.web.port=8080
        asphalt run --set component.type=./app.ts:App
      "
    `);
  });

  test('is what somebody gets who names no command, on standard error', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), []);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: asphalt [options] [command]');
  });
});

test('the version stands alone on standard output', async () => {
  expect(await asphalt(appWith({}), ['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' });
});

describe('wrong usage ends with code 2, what is wrong and where to look', () => {
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await asphalt(appWith({}), args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };

  test('for an unknown option', async () => {
    expect(await wrong('--colour')).toMatchInlineSnapshot(`
      "Unknown option '--colour'
      Run \`asphalt --help\` to see how it is used.
      "
    `);
    expect(await wrong('run', 'asphalt.yaml', '--srvice', 'web')).toMatchInlineSnapshot(`
      "Unknown option '--srvice' (did you mean --service?)
      Run \`asphalt run --help\` to see how it is used.
      "
    `);
  });

  test('for an unknown command', async () => {
    expect(await wrong('rnu', 'asphalt.yaml')).toMatchInlineSnapshot(`
      "Unknown command 'rnu' (did you mean run?)
      Run \`asphalt --help\` to see how it is used.
      "
    `);
  });

  test('for an option without its value', async () => {
    expect(await wrong('run', 'asphalt.yaml', '--set')).toMatchInlineSnapshot(`
      "Option '--set <path=value>' needs a value
      Run \`asphalt run --help\` to see how it is used.
      "
    `);
    expect(await wrong('run', '-s')).toMatchInlineSnapshot(`
      "Option '-s, --service <name>' needs a value
      Run \`asphalt run --help\` to see how it is used.
      "
    `);
  });

  test('for a run of nothing', async () => {
    expect(await wrong('run')).toMatchInlineSnapshot(`
      "Nothing to run: name a configuration file
      Run \`asphalt run --help\` to see how it is used.
      "
    `);
  });
});
