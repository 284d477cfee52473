import { failureOf, withoutLines } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import {
  component,
  Component,
  defineConfig,
  fromConfig,
  inject,
  injectAll,
  on,
  provides,
  Signal,
  token,
  type Deferred,
} from '@asphalt/core';
import { explainKey, planApplication } from '@asphalt/core/inspect';

class Mailer {
  readonly sent = new Signal<string>();
}
class Store {}
const Secret = token<string>('Secret');

class Mail extends Component {
  @provides(Mailer) mailer(): Mailer {
    return new Mailer();
  }
  @inject(Mailer) readonly own!: Mailer;
}

const options = defineConfig({ mailer: { doc: 'Which mailer', format: 'string', default: 'bulk' } });

@component({ config: options })
class Reports extends Component<typeof options> {
  @inject(Mailer, fromConfig('mailer')) readonly chosen!: Mailer;
  @inject(Mailer, 'slow') readonly slow!: Mailer;
  @inject(Secret, { optional: true }) readonly secret: string | undefined;
  @inject(Mailer, { name: 'bulk', deferred: true }) readonly later!: Deferred<Mailer>;
}

@component({ components: { reports: Reports, mail: Mail, 'mail/bulk': Mail } })
class App extends Component {
  @provides(Mailer, { name: 'slow' }) slow(): Mailer {
    return new Mailer();
  }
  @injectAll(Mailer) readonly all!: ReadonlyMap<string, Mailer>;
  @inject(Store) readonly store!: Store;
  @on(Mailer, (mailer) => mailer.sent) sent(): void {}
}

const plan = await planApplication(App);

/** Returns the providers and needs of each key, one line each. */
function explained(text: string): Record<string, { providers: string[]; needs: string[] }> {
  return Object.fromEntries(
    explainKey(plan, text).map(({ id, name, providers, needs }) => [
      `${id} ${name}`,
      {
        providers: providers.map(({ trail, member, why, from = '' }) =>
          withoutLines(`${trail}, ${member}: ${why}; ${from}`),
        ),
        needs: needs.map(({ component: path, member, kind, why }) => `${path || 'App'} ${member} ${kind}: ${why}`),
      },
    ]),
  );
}

test('a type matches its keys of every name, each with its providers, its needs and the reasons', () => {
  expect(explained('Mailer')).toMatchInlineSnapshot(`
    {
      "Mailer bulk": {
        "needs": [
          "App \`all\` all: injects all names",
          "reports \`chosen\` need: option \`mailer\` sets the name",
          "reports \`later\` deferred: specifies the name "bulk"",
          "mail/bulk \`own\` need: specifies no name and provides this one itself",
        ],
        "providers": [
          "App › mail/bulk (Mail), mailer: the name comes from the alias \`mail/bulk\`; @component of App at explain-key.test.ts:LINE",
        ],
      },
      "Mailer default": {
        "needs": [
          "App \`all\` all: injects all names",
          "App \`sent\` event: specifies no name",
          "mail \`own\` need: specifies no name",
        ],
        "providers": [
          "App › mail (Mail), mailer: default name: neither the decorator nor the alias sets another; @component of App at explain-key.test.ts:LINE",
        ],
      },
      "Mailer slow": {
        "needs": [
          "App \`all\` all: injects all names",
          "reports \`slow\` need: specifies the name "slow"",
        ],
        "providers": [
          "App, slow: the decorator sets the name "slow"; ",
        ],
      },
    }
  `);
});

test('a type with a name matches only that key, even with the default name', () => {
  expect(Object.keys(explained('Mailer/slow'))).toEqual(['Mailer slow']);
  expect(Object.keys(explained('Mailer "bulk"'))).toEqual(['Mailer bulk']);
  expect(Object.keys(explained('Mailer/default'))).toEqual(['Mailer default']);
});

test('a missing resource has no providers, whether the need is required or optional', () => {
  expect(explained('Store')).toEqual({
    'Store default': { providers: [], needs: ['App `store` need: specifies no name'] },
  });
  expect(explained('Secret')).toEqual({
    'Secret default': { providers: [], needs: ['reports `secret` optional: specifies no name'] },
  });
});

test('providers and needs contain the locations of their declarations', () => {
  const [{ providers, needs } = {}] = explainKey(plan, 'Mailer/slow');
  expect([...providers!, ...needs!].map(({ place }) => place?.file)).toEqual(Array(3).fill(import.meta.filename));
});

test('two classes of the same name are two keys', async () => {
  const other = { Mailer: class Mailer {} };
  @component({ components: { mail: Mail } })
  class Two extends Component {
    @provides(other.Mailer) mailer(): object {
      return new other.Mailer();
    }
  }
  const explained = explainKey(await planApplication(Two), 'Mailer');
  expect(explained.map(({ providers }) => providers.map(({ component: path }) => path))).toEqual([[''], ['mail']]);
});

test('an unknown key is rejected with near misses', async () => {
  const refusal = async (text: string): Promise<string> => String(await failureOf(() => explainKey(plan, text)));
  const texts = ['Mialer', 'Mailer/blk', 'mail/bulk', 'Reports', 'Nonsense'];
  expect((await Promise.all(texts.map(refusal))).join('\n')).toMatchInlineSnapshot(`
    "UnknownKeyError: No component provides or needs \`Mialer\`
      help         did you mean \`Mailer\`?
      code         ERR_KEY_UNKNOWN
    UnknownKeyError: No component provides or needs \`Mailer/blk\`
      help         did you mean \`Mailer/slow\`, \`Mailer\`, \`Mailer/bulk\`?
      code         ERR_KEY_UNKNOWN
    UnknownKeyError: No component provides or needs \`mail/bulk\`
      note         \`mail/bulk\` is a component; it provides Mailer/bulk
      help         did you mean \`Mailer/bulk\`?
      code         ERR_KEY_UNKNOWN
    UnknownKeyError: No component provides or needs \`Reports\`
      note         \`Reports\` is a component; it provides nothing
      help         list all keys with \`asphalt graph\`
      code         ERR_KEY_UNKNOWN
    UnknownKeyError: No component provides or needs \`Nonsense\`
      help         list all keys with \`asphalt graph\`
      code         ERR_KEY_UNKNOWN"
  `);
});
