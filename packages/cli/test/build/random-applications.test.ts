/** Random applications run unbuilt and through one bundle. A seed decides about components, needs, phases and failures. */
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

vi.setConfig({ testTimeout: 120_000 });

const application = `
import { CliComponent, component, Component, defineConfig, inject, provides, token, type ComponentClass } from '@asphalt/core';

const appOptions = defineConfig({ seed: { doc: 'Seed', format: 'int', required: true } });
const partOptions = defineConfig({
  label: { doc: 'Text in the output', format: 'string', default: '-' },
  secret: { doc: 'Sensitive text', format: 'string', sensitive: true, default: 'none' },
});

/** A generator of random numbers below \`limit\`. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed * 7919 + 1;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const tokens = Array.from({ length: 40 }, (_, index) => token<string>(\`Value\${index}\`));

/** Creates a component that provides a value and needs two earlier ones. */
function partOf(index: number, random: (limit: number) => number, children: Record<string, ComponentClass>): ComponentClass {
  const [first, second] = [tokens[random(index)]!, tokens[random(index)]!];
  const [kind, failure] = [random(4), random(60)];

  class Part extends Component<typeof partOptions> {
    note(what: string): void {
      this.logger.info(\`\${what} \${this.config.label} \${this.config.secret.length}\`);
      if (what === ['provide', 'start', 'ready', 'undo'][failure]) throw new Error(\`\${what} of \${this.path} failed\`);
    }
  }

  if (kind === 0) {
    @component({ config: partOptions, components: children })
    class SyncPart extends Part {
      @provides(tokens[index]!)
      value(@inject(first) one: string, @inject(second) two: string): string {
        this.note('provide');
        return \`\${one.length + two.length}\`;
      }
    }
    return SyncPart;
  }
  if (kind === 1) {
    @component({ config: partOptions, components: children })
    class AsyncPart extends Part {
      @inject(first) readonly one!: string;
      @provides(tokens[index]!)
      async value(): Promise<string> {
        await turn();
        this.note('provide');
        return this.one;
      }
      override start(): void {
        this.note('start');
        this.context.onTeardown(() => this.note('undo'));
      }
    }
    return AsyncPart;
  }
  if (kind === 2) {
    @component({ config: partOptions, components: children })
    class GeneratorPart extends Part {
      @provides(tokens[index]!)
      *value(@inject(second) two: string): Generator<string> {
        this.note('provide');
        yield two;
        this.note('undo');
      }
      override async ready(): Promise<void> {
        await turn();
        this.note('ready');
      }
    }
    return GeneratorPart;
  }
  @component({ config: partOptions, components: children })
  class AsyncGeneratorPart extends Part {
    @provides(tokens[index]!)
    async *value(@inject(first) one: string): AsyncGenerator<string> {
      this.note('provide');
      await turn();
      yield one;
      await turn();
      this.note('undo');
    }
    override async *start(): AsyncGenerator<void> {
      this.note('start');
      yield;
      this.note('end');
    }
  }
  return AsyncGeneratorPart;
}

@component({ config: partOptions })
class FirstPart extends Component<typeof partOptions> {
  @provides(tokens[0]!)
  value(): string {
    return this.config.label;
  }
}

/** Returns components in a random tree. */
function treeOf(seed: number): Record<string, ComponentClass> {
  const random = randomOf(seed);
  const root: Record<string, ComponentClass> = { part0: FirstPart };
  const folders = [root];
  for (let index = 1; index < 8 + random(30); index++) {
    const children: Record<string, ComponentClass> = {};
    folders[random(folders.length)]![\`part\${index}\`] = partOf(index, random, children);
    folders.push(children);
  }
  return root;
}

@component({ config: appOptions, components: ({ seed }) => treeOf(seed) })
export class App extends CliComponent<typeof appOptions> {
  override run(): number {
    this.logger.info('run');
    return this.config.seed % 2 === 1 ? 7 : 0;
  }
}
`;

const files = {
  'app.ts': application,
  'asphalt.yaml':
    'component:\n  type: ./app.ts:App\n  components:\n    part0: { label: !Env LABEL }\n    part1: { label: file }\n',
};

let folder: string;
const codes = new Set<number | null>();

beforeAll(async () => {
  folder = appWith(files);
  const { code, stdout, stderr } = await asphalt(folder, ['build', 'asphalt.yaml']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // The seed decides about the components, so that the build cannot plan them.
  expect(stdout).toContain('component.seed decides about components, which the build could not check');
}, 90_000);

test.each(Array.from({ length: 10 }, (_, seed) => seed))(
  'the application of seed %i behaves alike built and unbuilt',
  async (seed) => {
    const args = ['--set', `component.seed=${seed}`, '--set', 'component.components.part1.secret=abc'];
    const env = { LABEL: `label ${seed}`, ...(seed % 2 === 1 && { NODE_ENV: 'test' }) };
    const unbuilt = await asphalt(folder, ['run', 'asphalt.yaml', ...args], { env });
    const built = await asphalt(folder, args, { env, program: join(folder, 'dist/main.js') });
    expect(built).toEqual(unbuilt);
    expect(unbuilt.stdout).toContain('Starting application');
    expect(unbuilt.stdout).toContain('part1: ');
    codes.add(unbuilt.code);
  },
);

test('some of these applications end well, some fail, and some end with a code of their own', () => {
  expect([...codes].sort()).toEqual([0, 1, 7]);
});
