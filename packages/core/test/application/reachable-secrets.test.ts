import { inspect } from 'node:util';
import {
  Application,
  child,
  Component,
  component,
  defineConfig,
  inject,
  type LifecycleEvent,
  listOf,
  provides,
  startApplication,
  token,
} from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import { describeConfig, describePlan, planApplication } from '@asphalt/core/inspect';
import { errorOf, tempFolder, settled } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';

const secret = 'hunter2';
const environment = { SOMETHING_UNRELATED: 'from-the-environment', APP_PASSWORD: secret };

const options = defineConfig({
  password: { doc: 'A password', format: 'string', sensitive: true, env: 'APP_PASSWORD' },
  standard: { doc: 'A password with a default', format: 'string', sensitive: true, default: secret },
  login: {
    doc: 'A section with a default',
    format: defineConfig({ password: { doc: 'A password', format: 'string', sensitive: true } }),
    default: { password: secret },
  },
  logins: {
    doc: 'Sections',
    format: listOf(defineConfig({ password: { doc: 'A password', format: 'string', sensitive: true } })),
    default: [],
  },
  port: { doc: 'A port', format: 'port', default: 80 },
});

const Missing = token<string>('Missing');
const Published = token<string>('Published');

@component({ config: options })
class Child extends Component<typeof options> {
  @provides(Published)
  published(): string {
    // The component itself sees all of its options.
    return [this.config.password, this.config.standard, this.config.login.password].every((it) => it === secret)
      ? 'published'
      : 'lost';
  }
}

@component({ config: options })
class Plain extends Component<typeof options> {}

@component({ config: options })
class Waits extends Component<typeof options> {
  override async start(): Promise<void> {
    await this.context.getResource(Missing);
  }
}

@component({ config: options })
class Stuck extends Component<typeof options> {
  override async start(abort: AbortSignal): Promise<void> {
    await new Promise((resolve) => abort.addEventListener('abort', resolve));
  }
}

@component({ config: options })
class Fails extends Component<typeof options> {
  override start(): void {
    throw new Error('failed');
  }
}

@component({ config: options })
class Needy extends Component<typeof options> {
  @inject(Missing) readonly missing!: string;
}

/** Creates an application with two children whose options come from code and from the configuration. */
function appWith(type: typeof Plain | typeof Waits | typeof Stuck | typeof Fails | typeof Needy) {
  @component({
    config: options,
    components: { child: Child, broken: child(type, { password: secret, logins: [{ password: secret }] }) },
  })
  class App extends Component<typeof options> {}
  return App;
}

const configured = () =>
  LoadedConfig.fromObject(
    { password: secret, components: { broken: { password: secret }, child: { password: secret } } },
    { env: environment },
  );

/**
 * Returns everything that reporters and inspectors can reach from a value: properties of every kind, getters of
 * prototypes and the contents of collections.
 */
function reachable(root: unknown): string[] {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  const stack: Array<readonly [value: unknown, path: string]> = [[root, '']];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [value, path] = next;
    if (typeof value === 'string') texts.push(`${path} = ${value}`);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) {
      for (const item of value) stack.push([item, `${path}<item>`]);
    }
    for (let at: unknown = value; at !== null && at !== Object.prototype && at !== Function.prototype;) {
      for (const key of Reflect.ownKeys(at as object)) {
        texts.push(`${path}.${String(key)}`);
        const name = `${path}.${String(key)}`;
        try {
          stack.push([Reflect.get(value, key) as unknown, name]);
        } catch {
          // A getter that cannot be read reveals nothing.
        }
      }
      at = Object.getPrototypeOf(at) as unknown;
    }
  }
  return texts;
}

function expectNoSecrets(value: unknown): void {
  const texts = [
    ...reachable(value),
    inspect(value, { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity }),
  ];
  const leaks = texts.filter((text) => /hunter\d|SOMETHING_UNRELATED|from-the-environment/.test(text));
  expect(leaks.map((text) => text.slice(0, 300).replaceAll(secret, 'SECRET'))).toEqual([]);
}

async function failureOfStart(type: Parameters<typeof appWith>[0], startTimeout = 0): Promise<Error> {
  const config = configured();
  return await errorOf(() => startApplication(appWith(type), { config, startTimeout }));
}

test.each([
  ['ERR_START_TIMEOUT', Stuck, 1],
  ['ERR_COMPONENT_START', Fails, 0],
  ['ERR_PROVIDER_MISSING', Needy, 0],
] as const)('%s exposes neither the environment nor sensitive values', async (code, type, startTimeout) => {
  const error = await failureOfStart(type, startTimeout);
  expect(error).toMatchObject({ code });
  expectNoSecrets(error);
});

test('ERR_START_DEADLOCK exposes neither the environment nor sensitive values', async () => {
  const failure = failureOfStart(Waits);
  await settled();
  // Node emits this event when the event loop is empty.
  process.emit('beforeExit', 0);
  const error = await failure;
  expect(error).toMatchObject({ code: 'ERR_START_DEADLOCK' });
  expectNoSecrets(error);
});

test('errors about options expose neither the environment nor sensitive values', async () => {
  const files = {
    'a.yaml': `component: { prot: ${secret}, login: ${secret}, password: [${secret}], components: { broken: { logins: ${secret} } } }`,
  };
  const config = await loadConfig({ files: ['a.yaml'], cwd: tempFolder(files), env: environment });
  const error = await errorOf(() => startApplication(appWith(Plain), { config }));
  expect(error).toMatchObject({ code: 'ERR_PLAN' });
  expectNoSecrets(error);
});

test('plans, applications and lifecycle events expose neither the environment nor sensitive values', async () => {
  const plan = await planApplication(appWith(Plain), { config: configured() });
  expectNoSecrets(plan);
  expectNoSecrets(describePlan(plan));
  const application = new Application(plan);
  onTestFinished(() => application.stop());
  const events: LifecycleEvent[] = [];
  application.lifecycle.subscribe((event) => events.push(event));
  expectNoSecrets(application);
  await application.start();
  expect(application.context.getResourceSync(Published)).toBe('published');
  expectNoSecrets(application);
  await application.restart('child');
  await application.stop();
  expect(events.length).toBeGreaterThan(10);
  expectNoSecrets(events);
  expectNoSecrets(application);
});

test('a description of the configuration exposes neither the environment nor sensitive values', async () => {
  expectNoSecrets(await describeConfig(appWith(Plain), { config: configured() }));
});
