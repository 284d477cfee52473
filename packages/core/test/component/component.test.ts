import { describe, expect, test } from 'vitest';
import { child, component, Component, defineConfig, provides, startApplication, token } from '@asphalt/core';

const options = defineConfig({
  size: { doc: 'Size', format: 'int', default: 1 },
  wait: { doc: 'Time to wait', format: 'duration', default: '2s' },
});
const Seen = token<object>('Seen');

@component({ config: options })
class Leaf extends Component<typeof options> {
  readonly atBirth = {
    config: this.config,
    path: this.path,
    alias: this.alias,
    context: this.context.name,
    frozen: Object.isFrozen(this.config),
  };

  @provides(Seen) seen(): object {
    return this.atBirth;
  }
}

describe('a component', () => {
  test('knows its options, context and place in its constructor already', async () => {
    @component({ components: { leaf: child(Leaf, { size: 2 }) } })
    class Middle extends Component {}
    @component({ components: { 'middle/one': Middle } })
    class App extends Component {}
    await using app = await startApplication(App);
    expect(app.context.getResourceSync(Seen)).toEqual({
      config: { size: 2, wait: 2000 },
      path: 'middle/one.leaf',
      alias: 'leaf',
      context: 'middle/one.leaf',
      frozen: true,
    });
  });

  test('that is the root has an empty path and alias', async () => {
    await using app = await startApplication(Leaf);
    expect(app.context.getResourceSync(Seen)).toMatchObject({ path: '', alias: '', context: 'Leaf' });
  });

  test('writes to the logger under its path', async () => {
    const lines: string[] = [];
    const logger = (name: string): Parameters<typeof startApplication>[1] => ({
      logger: {
        debug: () => undefined,
        info: (message) => lines.push(`${name}: ${message}`),
        warn: () => undefined,
        error: () => undefined,
        child: (path) => logger(path)!.logger!,
      },
    });
    class Talking extends Component {
      override start(): void {
        this.logger.info('hello');
        this.logger.info('again');
      }
    }
    @component({ components: { talking: Talking } })
    class App extends Component {}
    await using _ = await startApplication(App, logger('root'));
    expect(lines).toEqual(['talking: hello', 'talking: again']);
  });

  test('cannot be made with new', () => {
    expect(() => new Leaf()).toThrowErrorMatchingInlineSnapshot(`
      [ComponentConstructionError: Leaf is a component and was made with \`new\`
        note         the runtime makes components, because it gives them their options and context
        help         name it in @component({ components }), or start it: startApplication(Leaf)
        code         ERR_COMPONENT_CONSTRUCTION]
    `);
  });

  test('cannot be made by another component either, and that one is none the worse for trying', async () => {
    class Maker extends Component {
      readonly failure = attempt(() => new Leaf());
      @provides(Seen) seen(): object {
        return { path: this.path, failure: this.failure };
      }
    }
    await using app = await startApplication(Maker);
    expect(app.context.getResourceSync(Seen)).toMatchObject({
      path: '',
      failure: { code: 'ERR_COMPONENT_CONSTRUCTION' },
    });
  });

  test('whose constructor fails leaves nothing behind for the next one', async () => {
    class Failing extends Component {
      constructor() {
        super(...(fail('before super()') as []));
      }
    }
    await expect(startApplication(Failing)).rejects.toThrow('before super()');
    expect(() => new Leaf()).toThrow('was made with `new`');
  });
});

function fail(message: string): never {
  throw new Error(message);
}

function attempt(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}
