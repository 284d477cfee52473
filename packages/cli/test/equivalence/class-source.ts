/** Renders a component type as a decorated class. The text is TypeScript that is compiled, but not type-checked. */
import {
  aliasOf,
  rootIndex,
  type Behavior,
  type ComponentType,
  type Description,
  type Need,
  type NeedPlace,
} from './description.ts';

/** Returns a decorated class. @param id - the code of the key that it provides */
export function classSource(name: string, id: string, type: ComponentType, description: Description): string {
  const { startTimeout, stopTimeout, inherits, provides, prepare, provide, start, ready } = type;
  const options = [
    ...sharedOptions(type.index, description),
    ...(startTimeout === undefined ? [] : [`startTimeout: ${startTimeout}`]),
    ...(stopTimeout === undefined ? [] : [`stopTimeout: ${stopTimeout}`]),
    ...(type.index % 2 === 0 ? [`description: 'Part number ${type.index}'`] : []),
  ];
  const members = [
    ...needsAt('property', type).map((need, at) => `${injection(need)} readonly property${at};`),
    constructorSource(type),
    prepare && methodSource('prepare', prepare, type),
    provides === 'method' || provides === 'factory' ? providerSource(id, provide, type) : undefined,
    start && methodSource('start', start, type, provides === 'start' ? id : undefined),
    ready && methodSource('ready', ready, type),
    taskSource(type),
    handlerSource(type),
    healthSource(type),
  ];
  return lines([
    // Each base class has one subclass, so that the places of two inherited needs differ.
    inherits
      ? `class Base${type.index} extends Component {\n  ${injection(inheritedNeed(description))} readonly inherited;\n}`
      : undefined,
    `@component({ ${options.join(', ')} })`,
    provides === 'start' ? `@provides(${id})` : undefined,
    `class ${name} extends ${inherits ? `Base${type.index}` : 'Component'} {`,
    ...members.map((member) => member?.replace(/^/gm, '  ')),
    '}',
  ]);
}

function inheritedNeed({ types }: Description): Need {
  return { at: 'property', type: 0, how: 'named', name: types[0]!.names[0]! };
}

/** Returns the options of `@component()` that the root component has as well. */
export function sharedOptions(index: number, description: Description): string[] {
  const { types } = description;
  const use = types[index]?.needs.find(({ how }) => how === 'option')?.name ?? 'default';
  const children = types.filter(({ parent }) => parent === index);
  const always = children
    .filter(({ declaredIn }) => declaredIn === 'code')
    .flatMap((each) => entries(each, description));
  const optional = children
    .filter(({ declaredIn }) => declaredIn === 'function')
    .flatMap((each) => entries(each, description));
  const named = children
    .filter(({ declaredIn }) => declaredIn === 'types')
    .map((each) => `part${each.index}: Part${each.index}`);
  const all = optional.length === 0 ? `{ ${always.join(', ')} }` : functionOf(always, optional);
  return [
    index === rootIndex
      ? `config: optionsOf('root', '${use}', ${description.isOpen})`
      : `config: optionsOf(${index}, '${use}')`,
    ...(always.length + optional.length === 0 ? [] : [`components: ${all}`]),
    ...(named.length === 0 ? [] : [`types: { ${named.join(', ')} }`]),
  ];
}

function functionOf(always: readonly string[], optional: readonly string[]): string {
  return `({ more }) => ({ ${[...always, `...(more && { ${optional.join(', ')} })`].join(', ')} })`;
}

/** Returns the children of one type that code declares, as properties. */
function entries({ index, names, layout }: ComponentType, { settings }: Description): string[] {
  const own = names.map((name) => {
    const set = settings.filter((each) => each.layer === 'code' && each.type === index && each.name === name);
    const options = set.map(({ option, value }) => `${option}: ${JSON.stringify(value)}`);
    const type = options.length > 0 ? `child(Part${index}, { ${options.join(', ')} })` : `Part${index}`;
    return `${JSON.stringify(aliasOf(index, name))}: ${type}`;
  });
  return layout === 'twin' ? [...own, `twin${index}: Twin${index}`] : own;
}

function constructorSource(type: ComponentType): string {
  const { construct } = type;
  const needs = needsAt('construct', type);
  return lines([
    `constructor(${parametersOf(needs).join(', ')}) {`,
    '  super();',
    `  note(this, ${['construct', ...needs.map((_, at) => at)].map(argument).join(', ')});`,
    failure(construct, 'construct'),
    construct.undo === 'none'
      ? undefined
      : `  this.context.onTeardown((error) => { ${undoSource(construct, 'construct')} });`,
    '}',
  ]);
}

function argument(what: string | number): string {
  return typeof what === 'number' ? `need${what}` : `'${what}'`;
}

/** Returns a hook. @param published - the key that it publishes */
function methodSource(
  name: 'prepare' | 'start' | 'ready',
  behavior: Behavior,
  type: ComponentType,
  published?: string,
): string {
  const needs = needsAt(name, type);
  const lookup = name === 'start' && type.lookup !== undefined ? lookupSource(type.lookup, behavior) : undefined;
  const seen = name === 'start' ? [lookup, type.inherits ? 'this.inherited' : undefined, ...propertiesOf(type)] : [];
  const result =
    published === undefined
      ? undefined
      : `this.context.addResource(${published}, valueOf(this), { name: nameOf(this) });`;
  return bodySource({ name, phase: name, behavior, needs, seen, result, value: undefined });
}

function lookupSource(type: number, { style }: Behavior): string {
  const isAsync = style === 'async' || style === 'asyncGenerator';
  return isAsync
    ? `await this.context.getResource(tokens.Value${type}, { optional: true })`
    : `this.context.findResource(tokens.Value${type})`;
}

function propertiesOf(type: ComponentType): string[] {
  return needsAt('property', type).map((_, at) => `this.property${at}`);
}

function providerSource(id: string, behavior: Behavior, type: ComponentType): string {
  const needs = needsAt('provide', type);
  const options = [
    ...(type.provides === 'factory' ? [`scope: 'context'`] : []),
    ...(type.hasDispose ? ['dispose: (value, error) => value.dispose(error)'] : []),
  ];
  const decorator = `@provides(${[id, ...(options.length > 0 ? [`{ ${options.join(', ')} }`] : [])].join(', ')})`;
  const value = 'this.made = valueOf(this)';
  return `${decorator}\n${bodySource({ name: 'value', phase: 'provide', behavior, needs, seen: [], result: undefined, value })}`;
}

interface Body {
  readonly name: string;
  readonly phase: string;
  readonly behavior: Behavior;
  readonly needs: readonly Need[];
  /** Further expressions to log. */
  readonly seen: ReadonlyArray<string | undefined>;
  /** A statement at the end of the phase. */
  readonly result: string | undefined;
  /** The expression for the value of the method. */
  readonly value: string | undefined;
}

function bodySource({ name, phase, behavior, needs, seen, result, value }: Body): string {
  const { style, undo } = behavior;
  const isAsync = style === 'async' || style === 'asyncGenerator';
  const isGenerator = style === 'generator' || style === 'asyncGenerator';
  const parameters = [...parametersOf(needs), ...(behavior.fault === 'hangs' ? ['abort: AbortSignal'] : [])];
  const noted = [`'${phase}'`, ...needs.map((_, at) => `need${at}`), ...seen.filter((each) => each !== undefined)];
  const undone = undo === 'none' ? undefined : undoSource(behavior, phase);
  return lines([
    `${isAsync ? 'async ' : ''}${isGenerator ? '*' : ''}${name}(${parameters.join(', ')}) {`,
    `  note(this, ${noted.join(', ')});`,
    isAsync ? `  await turns(${behavior.turns});` : undefined,
    failure(behavior, phase),
    result && `  ${result}`,
    isGenerator ? `  const error = yield${value === undefined ? '' : ` (${value})`};` : undefined,
    isGenerator && undone !== undefined ? `  ${undone}` : undefined,
    !isGenerator && undone !== undefined
      ? `  this.context.onTeardown(${isAsync ? 'async ' : ''}(error) => { ${undone} });`
      : undefined,
    !isGenerator && value !== undefined ? `  return ${value};` : undefined,
    '}',
  ]);
}

function failure({ fault }: Behavior, phase: string): string | undefined {
  switch (fault) {
    case 'none':
      return undefined;
    case 'throws':
      return `  new Failing().raise(this, '${phase}');`;
    case 'hangs':
      return '  await hang(abort);';
    case 'stalls':
      return '  await stall();';
  }
}

function undoSource({ style, turns, undo }: Behavior, phase: string): string {
  const isAsync = style === 'async' || style === 'asyncGenerator';
  return [
    `note(this, 'undo ${phase}', error);`,
    isAsync ? `await turns(${turns});` : '',
    undo === 'throws' ? `fail(this, 'undo ${phase}');` : '',
    undo === 'hangs' ? 'await hang(new AbortController().signal);' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function taskSource(type: ComponentType): string | undefined {
  const { task } = type;
  if (!task) return undefined;
  const needs = needsAt('task', type);
  const parameters = [...parametersOf(needs), 'abort: AbortSignal', 'context'];
  return lines([
    '@task()',
    `async work(${parameters.join(', ')}) {`,
    `  note(this, ${[`'task'`, ...needs.map((_, at) => `need${at}`), 'abort', 'context'].join(', ')});`,
    `  await turns(${task.turns});`,
    ...Array.from({ length: task.events }, (_, event) => `  this.made?.events.dispatch(${event});`),
    task.fault === 'throws' ? `  fail(this, 'task');` : undefined,
    task.isEndless ? `  await hang(abort);` : undefined,
    `  note(this, 'end of task');`,
    '}',
  ]);
}

function handlerSource(type: ComponentType): string | undefined {
  const { handler } = type;
  if (!handler) return undefined;
  const needs = needsAt('handler', type);
  const { all, concurrency, name, failsAt } = handler;
  const options = all ? `{ concurrency: ${concurrency} }` : `{ name: '${name}', concurrency: ${concurrency} }`;
  return lines([
    `@${all ? 'onAll' : 'on'}(tokens.Value${handler.type}, ({ events }) => events, ${options})`,
    `async handle(${['event', ...parametersOf(needs)].join(', ')}) {`,
    `  note(this, ${[`'handle'`, 'event', ...needs.map((_, at) => `need${at}`)].join(', ')});`,
    `  await turns(${handler.turns});`,
    failsAt === undefined ? undefined : `  if (event === ${failsAt}) fail(this, 'handle');`,
    '}',
  ]);
}

function healthSource({ health, index }: ComponentType): string | undefined {
  if (health === 'none') return undefined;
  return lines([
    `@health(${index % 3 === 0 ? '{ critical: false }' : ''})`,
    'check() {',
    `  note(this, 'health');`,
    health === 'down' ? `  fail(this, 'health');` : undefined,
    '}',
  ]);
}

function needsAt(place: NeedPlace, { needs }: ComponentType): Need[] {
  return needs.filter(({ at }) => at === place);
}

function parametersOf(needs: readonly Need[]): string[] {
  return needs.map((need, at) => `${injection(need)} need${at}`);
}

function injection({ type, how, name }: Need): string {
  const id = `tokens.Value${type}`;
  switch (how) {
    case 'plain':
      return `@inject(${id})`;
    case 'named':
      return `@inject(${id}, '${name}')`;
    case 'option':
      return `@inject(${id}, fromConfig('use'))`;
    case 'optional':
      return `@inject(${id}, { name: '${name}', optional: true })`;
    case 'deferred':
      return `@inject(${id}, { name: '${name}', deferred: true })`;
    case 'all':
      return `@injectAll(${id})`;
  }
}

/** Joins lines and leaves out the undefined ones. */
export function lines(texts: ReadonlyArray<string | undefined>): string {
  return texts.filter((text) => text !== undefined).join('\n');
}
