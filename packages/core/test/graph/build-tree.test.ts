import { errorOf, problemOf, problemsOf, tempFolder, withoutLines } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import {
  child,
  component,
  Component,
  defineConfig,
  PlanError,
  type ComponentClass,
  type PlanOptions,
} from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { describeConfig, planApplication } from '@asphalt/core/inspect';

const options = defineConfig({
  a: { doc: 'A', format: 'int', default: 0 },
  b: { doc: 'B', format: 'int', default: 0, env: 'TREE_TEST_B' },
  c: { doc: 'C', format: 'int', default: 0 },
});

@component({ config: options })
class Dummy extends Component<typeof options> {}

class Other extends Component {}

/** Returns each component of an application with its class, resource name and options. */
async function treeOf(
  root: ComponentClass | undefined,
  config: PlanOptions['config'] = {},
): Promise<Record<string, string>> {
  const { components, problems } = await planApplication(root, { config });
  expect(problems.map(({ message }) => message)).toEqual([]);
  const descriptions = (await describeConfig(root, { config })).components;
  return Object.fromEntries(
    components.map(({ node }, index) => {
      const values = Object.fromEntries(descriptions[index]!.options.map(({ name, value }) => [name, value]));
      return [node.path, `${node.type.name} ${node.resourceName} ${JSON.stringify(values)}`];
    }),
  );
}

describe('children declared in code', () => {
  test('a child has the options that its parent sets', async () => {
    @component({ components: { 'dummy/alt': child(Dummy, { a: 8, b: 7 }) } })
    class Container extends Component {}
    expect(await treeOf(Container)).toEqual({
      '': 'Container default {}',
      'dummy/alt': 'Dummy alt {"a":8,"b":7,"c":0}',
    });
  });

  test('the configuration overrides single options of a child and keeps the others', async () => {
    @component({ components: { dummy: child(Dummy, { a: 5, b: 2 }) } })
    class Container extends Component {}
    const config = { components: { dummy: { a: 1, c: 3 } } };
    expect((await treeOf(Container, config))['dummy']).toBe('Dummy default {"a":1,"b":2,"c":3}');
  });

  test('a child keeps its class and options if its section is null', async () => {
    @component({ components: { dummy: child(Dummy, { a: 5 }) } })
    class Container extends Component {}
    expect((await treeOf(Container, { components: { dummy: null } }))['dummy']).toBe(
      'Dummy default {"a":5,"b":0,"c":0}',
    );
  });

  test('the configuration can replace the class of a child', async () => {
    @component({ components: { dummy: Dummy } })
    class Container extends Component {}
    expect(await treeOf(Container, { components: { dummy: { type: Other } } })).toMatchObject({
      dummy: 'Other default {}',
    });
  });

  test('environment variables override files, and files override options set in code', async () => {
    @component({ components: { dummy: child(Dummy, { b: 1 }), 'dummy/second': child(Dummy, { b: 2 }) } })
    class Container extends Component {}
    const file = '{"component": {"components": {"dummy": {"b": 3}}}}';
    const cwd = tempFolder({ 'app.json': file });
    const load = (env: Record<string, string>): ReturnType<typeof loadConfig> =>
      loadConfig({ files: ['app.json'], cwd, env, requireRootType: false });
    expect(await treeOf(Container, await load({}))).toMatchObject({
      dummy: 'Dummy default {"a":0,"b":3,"c":0}',
      'dummy/second': 'Dummy second {"a":0,"b":2,"c":0}',
    });
    expect(await treeOf(Container, await load({ TREE_TEST_B: '4', TREE_TEST_B_SECOND: '5' }))).toMatchObject({
      dummy: 'Dummy default {"a":0,"b":4,"c":0}',
      'dummy/second': 'Dummy second {"a":0,"b":5,"c":0}',
    });
  });

  test('a parent can set options of its grandchildren', async () => {
    @component({ components: { leaf: child(Dummy, { a: 1, b: 1, c: 1 }) } })
    class Middle extends Component {}
    // The declared options of a child do not include its children, so the options need a cast.
    @component({ components: { middle: child(Middle, { components: { leaf: { b: 2, c: 2 } } } as never) } })
    class Container extends Component {}
    const config = { components: { middle: { components: { leaf: { c: 3 } } } } };
    expect((await treeOf(Container, config))['middle.leaf']).toBe('Dummy default {"a":1,"b":2,"c":3}');
  });

  test('children are in the order of declaration, and each precedes its own children', async () => {
    @component({ components: { z: Other, y: Dummy } })
    class Middle extends Component {}
    @component({ components: { late: Middle, early: Middle } })
    class Container extends Component {}
    const config = { components: { 'y/more': { type: Other }, early: { components: { a: { type: Other } } } } };
    expect(Object.keys(await treeOf(Container, config))).toEqual([
      '',
      'late',
      'late.z',
      'late.y',
      'early',
      'early.z',
      'early.y',
      'early.a',
      'y/more',
    ]);
  });
});

describe('children declared in the configuration', () => {
  test('the type in an alias determines the class, with or without a resource name', async () => {
    @component({ types: { dummy: Dummy } })
    class Container extends Component {}
    const config = { components: { dummy: { a: 1 }, 'dummy/2': null, 'dummy/first': {} } };
    expect(await treeOf(Container, config)).toEqual({
      '': 'Container default {}',
      dummy: 'Dummy default {"a":1,"b":0,"c":0}',
      'dummy/2': 'Dummy 2 {"a":0,"b":0,"c":0}',
      'dummy/first': 'Dummy first {"a":0,"b":0,"c":0}',
    });
  });

  test('`type` accepts a whole alias and ignores the resource name in it', async () => {
    @component({ types: { dummy: Dummy } })
    class Container extends Component {}
    const config = { components: { 'one/two': { type: 'dummy/alt' } } };
    expect(await treeOf(Container, config)).toMatchObject({ 'one/two': 'Dummy two {"a":0,"b":0,"c":0}' });
  });

  test('a type name refers to the types and children of the nearest ancestor that has it', async () => {
    @component({ components: { inner: Other } })
    class Middle extends Component {}
    @component({ types: { dummy: Dummy, inner: Dummy }, components: { middle: Middle } })
    class Container extends Component {}
    const config = { components: { middle: { components: { dummy: {}, x: { type: 'dummy' }, 'inner/two': {} } } } };
    expect(await treeOf(Container, config)).toMatchObject({
      'middle.dummy': expect.stringContaining('Dummy'),
      'middle.x': expect.stringContaining('Dummy'),
      'middle.inner/two': 'Other two {}',
    });
  });

  test('the configuration can nest components of one class', async () => {
    @component({ types: { group: Other } })
    class Group extends Component {}
    @component({ types: { group: Group } })
    class Container extends Component {}
    const type = Group;
    const config = { components: { group: { components: { inner: { type, components: { most: { type } } } } } } };
    expect(Object.keys(await treeOf(Container, config))).toEqual(['', 'group', 'group.inner', 'group.inner.most']);
  });

  test('a reference to a module is relative to the file that contains it', async () => {
    const module = (name: string): string => `export class ${name} {}`;
    const cwd = tempFolder({
      'conf/base.yaml': 'component: { type: "../src/app.mjs:App", components: { one: { type: "./one.mjs:One" } } }',
      'conf/one.mjs': module('One'),
      'src/app.mjs': module('App'),
      'other/more.yaml': 'component: { components: { two: { type: "./one.mjs:Two" } } }',
      'other/one.mjs': module('Two'),
    });
    const config = await loadConfig({ files: ['conf/base.yaml', 'other/more.yaml'], cwd, env: {} });
    expect(await treeOf(undefined, config)).toEqual({
      '': 'App default {}',
      one: 'One default {}',
      two: 'Two default {}',
    });
  });
});

describe('children from a function', () => {
  const many = defineConfig({ count: { doc: 'How many', format: 'int', default: 2 } });
  @component({
    config: many,
    components: ({ count }) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`dummy/n${index}`, child(Dummy, { a: index })])),
  })
  class Many extends Component<typeof many> {}

  test('the components function receives the validated options', async () => {
    expect(Object.keys(await treeOf(Many))).toEqual(['', 'dummy/n0', 'dummy/n1']);
    expect(await treeOf(Many, { count: '1', components: { 'dummy/n0': { c: 9 } } })).toEqual({
      '': 'Many default {"count":1}',
      'dummy/n0': 'Dummy n0 {"a":0,"b":0,"c":9}',
    });
  });

  test('the components function is not called with options that have problems', async () => {
    expect(await problemOf(Many, { count: 'lots' })).toMatchInlineSnapshot(`
      "\`component.count\` must be a whole number, got "lots"
        from         set in code
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('the components function may nest its own class with other options', async () => {
    const depth = defineConfig({ depth: { doc: 'Depth', format: 'int', default: 3 } });
    @component({
      config: depth,
      components: ({ depth: left }) => (left > 0 ? { in: child(Nest, { depth: left - 1 }) } : {}),
    })
    class Nest extends Component<typeof depth> {}
    expect(Object.keys(await treeOf(Nest))).toEqual(['', 'in', 'in.in', 'in.in.in']);
  });

  test('infinite nesting with the same options is reported', async () => {
    @component({ components: () => ({ in: Endless }) })
    class Endless extends Component {}
    expect(await problemOf(Endless)).toMatchInlineSnapshot(`
      "Endless contains itself with the same options, so the component tree would be infinite
        in           component \`in\`
        declared at  build-tree.test.ts:LINE
        help         remove it from its own \`components\`, or from those of its descendants
        code         ERR_COMPONENT_TYPE"
    `);
  });

  test('an error of the components function is reported', async () => {
    @component({
      components: () => {
        throw new RangeError('no such region');
      },
    })
    class Failing extends Component {}
    expect(await problemOf(Failing)).toMatchInlineSnapshot(`
      "The \`components\` function of Failing failed: RangeError: no such region
        in           the root component
        declared at  build-tree.test.ts:LINE
        help         fix the function; it receives the validated options
        code         ERR_COMPONENT_TYPE"
    `);
  });

  test('a components function that returns no object is reported', async () => {
    @component({ components: (async () => ({ dummy: Dummy })) as never })
    class Late extends Component {}
    @component({ components: (() => undefined) as never })
    class Nothing extends Component {}
    @component({ components: { late: Late, nothing: Nothing } })
    class Container extends Component {}
    expect(await problemsOf(Container)).toMatchInlineSnapshot(`
      [
        "The \`components\` function of Late returned an object of class Promise instead of children by alias
        in           component \`late\`
        declared at  build-tree.test.ts:LINE
        help         return an object with the children by alias, synchronously
        code         ERR_COMPONENT_TYPE",
        "The \`components\` function of Nothing returned undefined instead of children by alias
        in           component \`nothing\`
        declared at  build-tree.test.ts:LINE
        help         return an object with the children by alias, synchronously
        code         ERR_COMPONENT_TYPE",
      ]
    `);
  });
});

describe('problems of a tree', () => {
  test('a class that contains itself is reported', async () => {
    class Middle extends Component {}
    @component({ components: { middle: Middle } })
    class Loop extends Component {}
    component({ components: { again: Loop } })(Middle);
    expect(await problemOf(Loop)).toMatchInlineSnapshot(`
      "Loop contains itself, so the component tree would be infinite
        in           component \`middle.again\`
        declared at  build-tree.test.ts:LINE
        help         remove it from its own \`components\`, or from those of its descendants
        code         ERR_COMPONENT_TYPE"
    `);
  });

  test('an unknown type is reported with near misses or the known types', async () => {
    @component({ types: { mailer: Other, metrics: Other }, components: { db: Dummy } })
    class Container extends Component {}
    const config = { components: { mialer: {}, foo: {}, x: { type: 'web/alt' } } };
    expect(await problemsOf(Container, config)).toMatchInlineSnapshot(`
      [
        "Unknown component type "mialer"
        in           component \`mialer\`
        from         set in code
        help         did you mean \`mailer\`?
                     or name a module and its export: type: ./file.ts:TheComponent
        code         ERR_COMPONENT_TYPE",
        "Unknown component type "foo"
        in           component \`foo\`
        from         set in code
        help         use a known type: \`mailer\`, \`metrics\`, \`db\`
                     or name a module and its export: type: ./file.ts:TheComponent
        code         ERR_COMPONENT_TYPE",
        "Unknown component type "web"
        in           component \`x\`
        from         set in code
        help         use a known type: \`mailer\`, \`metrics\`, \`db\`
                     or name a module and its export: type: ./file.ts:TheComponent
        code         ERR_COMPONENT_TYPE",
      ]
    `);
    expect(await problemOf(Other, { components: { foo: {} } })).toContain('help         name a module and its export');
  });

  test('a type that is not a class is reported', async () => {
    @component({
      components: { gone: undefined as never, also: child(undefined as never, {}), arrow: (() => 1) as never },
    })
    class Container extends Component {}
    const config = { components: { five: { type: 5 } } };
    expect(await problemsOf(Container, config)).toMatchInlineSnapshot(`
      [
        "The type is undefined, not a component class
        in           component \`gone\`
        declared at  build-tree.test.ts:LINE
        help         import it from another module; it is undefined while modules that import each other load
        code         ERR_COMPONENT_TYPE",
        "The type is undefined, not a component class
        in           component \`also\`
        declared at  build-tree.test.ts:LINE
        help         import it from another module; it is undefined while modules that import each other load
        code         ERR_COMPONENT_TYPE",
        "The type is a function, not a component class
        in           component \`arrow\`
        declared at  build-tree.test.ts:LINE
        help         use a component class; a class decorator without parentheses replaces its class by a function
        code         ERR_COMPONENT_TYPE",
        "The type is a number, not a component class
        in           component \`five\`
        from         set in code
        help         use a component class
        code         ERR_COMPONENT_TYPE",
      ]
    `);
  });

  test('a malformed alias is reported', async () => {
    @component({ components: { '': Other, 'a b': Other, 'a/b/c': Other, '/': Other, 'x.y': Other, 'ü_1/é-2': Other } })
    class Container extends Component {}
    const problems = await problemsOf(Container);
    expect(problems).toHaveLength(5);
    expect(problems[1]).toMatchInlineSnapshot(`
      ""a b" cannot be the alias of a child of the root component (Container)
        in           component \`a b\`
        declared at  build-tree.test.ts:LINE
        help         use \`type\` or \`type/name\`, each made of letters, digits, '_' and '-'
        code         ERR_COMPONENT_TYPE"
    `);
  });

  test('a section that is not a mapping is reported', async () => {
    @component({ components: { dummy: Dummy } })
    class Container extends Component {}
    expect(await problemOf(Container, { components: { dummy: 'foo' } })).toMatchInlineSnapshot(`
      "\`component.components.dummy\` must be a mapping of options, got a string
        from         set in code
        code         ERR_CONFIG_INVALID"
    `);
    expect(await problemOf(Container, { components: 'foo' })).toMatchInlineSnapshot(`
      "\`component.components\` must be a mapping of aliases, got a string
        from         set in code
        code         ERR_CONFIG_INVALID"
    `);
    expect(await problemOf(Container, 'foo' as never)).toMatchInlineSnapshot(`
      "\`component\` must be a mapping of options, got a string
        from         set in code
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('each unknown or wrong option is a separate problem', async () => {
    @component({ components: { dummy: child(Dummy, { a: 'five' as never }), 'dummy/two': Dummy } })
    class Container extends Component {}
    const problems = await problemsOf(Container, { size: 1, components: { 'dummy/two': { aa: 1, c: 'x' } } });
    expect(problems).toMatchInlineSnapshot(`
      [
        "\`component.size\` is not a known option
        from         set in code
        help         known keys: type, components
        code         ERR_CONFIG_INVALID",
        "\`component.components.dummy.a\` must be a whole number, got "five"
        from         set in code at build-tree.test.ts:LINE
        code         ERR_CONFIG_INVALID",
        "\`component.components.dummy/two.aa\` is not a known option
        from         set in code
        help         did you mean \`component.components.dummy/two.a\`?
        code         ERR_CONFIG_INVALID",
        "\`component.components.dummy/two.c\` must be a whole number, got "x"
        from         set in code
        code         ERR_CONFIG_INVALID",
      ]
    `);
  });

  test('reserved keys in options set in code are reported', async () => {
    @component({ components: { dummy: child(Dummy, JSON.parse('{ "__proto__": {} }') as object) } })
    class Container extends Component {}
    expect(await problemOf(Container)).toMatchInlineSnapshot(`
      "Configuration key \`component.components.dummy.__proto__\` has a name that is reserved in JavaScript
        help         rename it or leave it out
        code         ERR_CONFIG_KEY"
    `);
  });

  test('a reference that cannot be loaded is reported with its location in the file', async () => {
    const cwd = tempFolder({
      'app.yaml':
        'component:\n  type: ./app.mjs:App\n  components:\n    a: { type: "./gone.mjs:A" }\n    b: { type: "./app.mjs:Ap" }\n',
      'app.mjs': 'export class App {}',
    });
    const config = await loadConfig({ files: ['app.yaml'], cwd, env: {} });
    const problems = await problemsOf(undefined, config);
    expect(problems.map((problem) => problem.replaceAll(cwd, '<folder>'))).toMatchInlineSnapshot(`
      [
        "Cannot load the component type "./gone.mjs:A": file <folder>/gone.mjs does not exist
        in           component \`a\`
        from         app.yaml:4:10
        help         correct the path; it is relative to the file that contains it
        code         ERR_COMPONENT_TYPE",
        "Cannot load the component type "./app.mjs:Ap": ./app.mjs has no export "Ap"
        in           component \`b\`
        from         app.yaml:5:10
        help         did you mean ./app.mjs:App?
        code         ERR_COMPONENT_TYPE",
      ]
    `);
  });

  test('an application without a root component is rejected', async () => {
    const failure = await errorOf(() => planApplication(undefined));
    expect(failure).toBeInstanceOf(PlanError);
    expect(withoutLines(failure.message)).toMatchInlineSnapshot(`
      "The root component has no type
        in           the root component
        from         set in code
        help         set its type: component: { type: ./app.ts:App }
        code         ERR_COMPONENT_TYPE"
    `);
  });
});
