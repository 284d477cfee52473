import { component, Component, defineConfig, listOf, mapOf, startApplication } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import { errorOf, problemsOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

const doc = 'Some option';

const account = defineConfig({ user: { doc, format: 'string' } }, function* check({ user }) {
  if (user === 'root') yield { option: 'user', message: 'must not be root', help: 'use another account' };
});

const options = defineConfig(
  {
    user: { doc, format: 'string', env: 'LOGIN_USER' },
    password: { doc, format: 'string', sensitive: true, env: 'LOGIN_PASSWORD' },
    hosts: { doc, format: listOf('string'), default: ['first'] },
    owner: { doc, format: account },
    owners: { doc, format: listOf(account) },
    owned: { doc, format: mapOf(account) },
  },
  function* check({ user, password, hosts }) {
    if (user !== undefined && password === undefined)
      yield { option: 'password', message: 'is required with `user`', help: 'set both' };
    if (user === '') yield { option: 'user', message: 'must not be empty' };
    if (password === 'short') yield { option: 'password', message: 'must be longer', help: 'not "short"' };
    for (const [index, host] of hosts.entries())
      if (host.includes(':'))
        yield { option: ['hosts', String(index)], message: 'must be a name', help: `not ${host}` };
  },
);

@component({ config: options })
class Server extends Component<typeof options> {}

async function messagesOf(config: Record<string, unknown>, env: Record<string, string> = {}): Promise<string[]> {
  const { problems } = await planApplication(Server, { config: LoadedConfig.fromObject(config, { env }) });
  return problems.map(({ message }) => message);
}

describe('the check of a schema', () => {
  test('accepts options without faults', async () => {
    expect(await messagesOf({ user: 'a', password: 'long enough', owner: { user: 'b' } })).toEqual([]);
    expect(await messagesOf({})).toEqual([]);
  });

  test('reports an option that is not set, and how to fix it', async () => {
    expect(await messagesOf({ user: 'a' })).toMatchInlineSnapshot(`
      [
        "\`component.password\` is required with \`user\`
        help         set both
        code         ERR_CONFIG_INVALID",
      ]
    `);
  });

  test('fails the start like any other problem of the configuration', async () => {
    const error = await errorOf(startApplication(Server, { config: { user: 'a' } }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID' });
  });

  test('reports the origin of a value in a file, and items of a list', async () => {
    const cwd = tempFolder({ 'app.yaml': 'component:\n  hosts: [a, b:80]\n' });
    const { problems } = await planApplication(Server, {
      config: await loadConfig({ files: ['app.yaml'], cwd, env: {} }),
    });
    expect(problems[0]!.message).toMatchInlineSnapshot(`
      "\`component.hosts.1\` must be a name, got "b:80"
        from         app.yaml:2:14
                     2 │ … b:80 …
                       │   ^
        help         not b:80
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('reports the variable that sets a value', async () => {
    expect(await messagesOf({ password: 'long' }, { LOGIN_USER: ' ' })).toEqual([]);
    const [message] = await messagesOf({}, { LOGIN_PASSWORD: 'short' });
    expect(message).toMatchInlineSnapshot(`
      "\`component.password\` must be longer
        from         environment variable LOGIN_PASSWORD
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('quotes no sensitive value', async () => {
    for (const message of await messagesOf({ password: 'short' })) expect(message).not.toContain('short');
  });

  test('runs for sections, lists and mappings of its schema', async () => {
    const root = { user: 'root' };
    const { problems } = await planApplication(Server, {
      config: { owner: root, owners: [{}, root], owned: { a: root } },
    });
    expect(
      problems.flatMap((problem) => (problem as never as { problems: { path: string }[] }).problems),
    ).toMatchObject([
      { path: 'component.owner.user', message: 'must not be root', got: '"root"' },
      { path: 'component.owners.1.user' },
      { path: 'component.owned.a.user' },
    ]);
  });

  test('that fails itself is a problem of its component', async () => {
    const broken = defineConfig({ user: { doc, format: 'string' } }, () => {
      throw new TypeError('Cannot read the user');
    });
    const misnamed = defineConfig({ user: { doc, format: 'string' } }, () => [{ option: 'usr', message: 'is wrong' }]);
    @component({ config: broken })
    class Broken extends Component<typeof broken> {}
    @component({ config: misnamed })
    class Misnamed extends Component<typeof misnamed> {}
    @component({ components: { broken: Broken, misnamed: Misnamed } })
    class App extends Component {}
    expect(await problemsOf(App)).toMatchInlineSnapshot(`
      [
        "\`component.components.broken\` has a check that failed: TypeError: Cannot read the user
        help         fix the second parameter of its defineConfig(); it receives the validated options
        code         ERR_CONFIG_INVALID",
        "\`component.components.misnamed\` has a check that failed: TypeError: A check of options names \`usr\`, which is no option
        help         fix the second parameter of its defineConfig(); it receives the validated options
        code         ERR_CONFIG_INVALID",
      ]
    `);
  });

  test('does not run for options that do not fit their formats', async () => {
    expect(await messagesOf({ user: 'a', hosts: 5 })).toHaveLength(1);
  });
});
