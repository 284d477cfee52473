import { describe, expect, test } from 'vitest';
import { ComponentConstructionError } from '@asphalt/core/errors';
import { child, component, Component, defineConfig, provides, startApplication, token } from '@asphalt/core';

const options = defineConfig({
  size: { doc: 'Size', format: 'int', default: 1 },
  wait: { doc: 'Time to wait', format: 'duration', default: '2s' },
});
const Seen = token<object>('Seen');

@component({ config: options })
class Leaf extends Component<typeof options> {
  readonly inConstructor = {
    config: this.config,
    path: this.path,
    alias: this.alias,
    context: this.context.name,
    frozen: Object.isFrozen(this.config),
  };

  @provides(Seen) seen(): object {
    return this.inConstructor;
  }
}

describe('a component', () => {
  test('the constructor can read the options, the context, the path and the alias', async () => {
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

  test('the root component has an empty path and alias', async () => {
    await using app = await startApplication(Leaf);
    expect(app.context.getResourceSync(Seen)).toMatchObject({ path: '', alias: '', context: 'Leaf' });
  });

  test('the logger of a component has its path as its name', async () => {
    const lines: string[] = [];
    const logger = (name: string): Parameters<typeof startApplication>[1] => ({
      logger: {
        debug: () => undefined,
        info: (message) => lines.push(`${name}: ${message}`),
        warn: () => undefined,
        error: () => undefined,
        child: (path) => logger(path as string)!.logger!,
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

  test('a component cannot be created with new', () => {
    expect(() => new Leaf()).toThrowErrorMatchingInlineSnapshot(`
      [ComponentConstructionError: Cannot create component Leaf with \`new\`
        note         the runtime creates components and passes their options and context
        help         list it in @component({ components }), or start it: startApplication(Leaf)
        code         ERR_COMPONENT_CONSTRUCTION]
    `);
  });

  test('a component cannot create another component, and the attempt does not affect its own fields', async () => {
    class Creating extends Component {
      readonly failure = attempt(() => new Leaf());
      @provides(Seen) seen(): object {
        return { path: this.path, failure: this.failure };
      }
    }
    await using app = await startApplication(Creating);
    expect(app.context.getResourceSync(Seen)).toMatchObject({
      path: '',
      failure: { code: 'ERR_COMPONENT_CONSTRUCTION' },
    });
  });

  test('a component that is created before `super()` does not receive the options of the outer component', async () => {
    let failure: unknown;
    class Creating extends Component {
      constructor() {
        failure = attempt(() => new Leaf());
        super();
      }
      @provides(Seen) seen(): object {
        return { path: this.path };
      }
    }
    await using app = await startApplication(Creating);
    expect(failure).toBeInstanceOf(ComponentConstructionError);
    expect(failure).toMatchObject({ type: 'Leaf' });
    expect(app.context.getResourceSync(Seen)).toEqual({ path: '' });
  });

  test('a failed constructor does not affect the next component', async () => {
    class Failing extends Component {
      constructor() {
        super(...(fail('before super()') as []));
      }
    }
    await expect(startApplication(Failing)).rejects.toThrow('before super()');
    expect(() => new Leaf()).toThrow('Cannot create component Leaf with `new`');
  });
});

function fail(message: string): never {
  throw new Error(message);
}

function attempt(create: () => unknown): unknown {
  try {
    return create();
  } catch (error) {
    return error;
  }
}
