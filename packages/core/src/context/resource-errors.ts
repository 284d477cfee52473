/** Errors of resources, factories and keys. */
import { AsphaltError, type Explanation } from '../errors/asphalt-error.ts';
import { defaultName, identifierName, keyText, type Key, type ServiceIdentifier } from './key.ts';

/** Resources that are close to a missing one, for its error. */
export interface NearResources {
  /** The names of the context's other resources with this identifier. */
  readonly otherNames: readonly string[];
  /** The ancestor that published the resource after this context was opened. */
  readonly later?: string | undefined;
  /** The stopped component that provided the resource. */
  readonly stopped?: string | undefined;
  /** The names of other identifiers that are equal or similar. */
  readonly similar?: readonly string[];
}

/** Raised when no resource is published under the key, or when the component that published it was stopped. */
export class ResourceNotFoundError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_NOT_FOUND';

  constructor(
    readonly key: Key,
    readonly context: string,
    readonly near: NearResources,
  ) {
    const id = identifierName(key.id);
    super({
      summary: `No resource of type \`${id}\` named "${key.name}" in context "${context}"`,
      ...explainNear(id, near),
    });
  }
}

/** Explains the closest match: the note, and a fix. */
function explainNear(
  id: string,
  { otherNames, later, stopped, similar = [] }: NearResources,
): Pick<Explanation, 'details' | 'help'> {
  const explained = (note: string, help: string): Pick<Explanation, 'details' | 'help'> => ({
    details: [['note', note]],
    help,
  });
  if (later !== undefined) {
    return explained(
      `context "${later}" has one, published after this context was opened`,
      `publish it before you open this context, or look it up in "${later}"`,
    );
  }
  if (stopped !== undefined) {
    return explained(
      `${stopped} provided one, but was stopped`,
      'look it up after the component has started again: see restart() and startComponent() of the application',
    );
  }
  if (otherNames.length > 0) {
    const names = otherNames.map((name) => `"${name}"`).join(', ');
    return explained(
      `available names of \`${id}\`: ${names}`,
      `ask for it by name: getResource(${id}, '${otherNames[0]}')`,
    );
  }
  if (similar.includes(id)) {
    return explained(
      `a resource of a different type with the same name, \`${id}\`, is published`,
      'import the type from one place: a module that is loaded twice creates it twice',
    );
  }
  const publish = `publish one with @provides(${id}) or addResource() before it is looked up`;
  return { help: similar.length === 0 ? publish : [`did you mean \`${similar.join('` or `')}\`?`, publish] };
}

/** Raised when a key is already used by a resource of this context or by an inherited one. */
export class ResourceConflictError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_CONFLICT';

  constructor(
    readonly key: Key,
    readonly context: string,
  ) {
    super({
      summary: `A resource of type \`${identifierName(key.id)}\` named "${key.name}" already exists in context "${context}"`,
      details: [['note', 'a context has one resource per type and name, including inherited ones']],
      help: "give the second one a different name, or its component an alias such as 'type/name'",
    });
  }
}

/** Raised by a synchronous lookup when an asynchronous factory has not created the resource yet. */
export class AsyncResourceError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_ASYNC';

  constructor(readonly key: Key) {
    super({
      summary: `\`${keyText(key)}\` is created asynchronously and is not available yet`,
      help: `await it: await context.getResource(${identifierName(key.id)}${key.name === defaultName ? '' : `, '${key.name}'`})`,
    });
  }
}

/** Raised when a factory requests its own value while creating it, directly or through other factories. */
export class FactoryCycleError extends AsphaltError {
  readonly code = 'ERR_FACTORY_CYCLE';

  constructor(
    /** The keys of the running factories, outermost first; the last key also occurs earlier in the path. */
    readonly path: readonly Key[],
    readonly context: string,
  ) {
    super({
      summary: `The factory of \`${keyText(path.at(-1)!)}\` depends on its own value in context "${context}"`,
      details: [['path', path.map(keyText).join(' › ')]],
      help: 'look one of them up when it is used, not while the other is created',
    });
  }
}

/** Raised when `null` or `undefined` is published; these values mean "absent". */
export class ResourceValueError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_VALUE';

  constructor(
    readonly id: ServiceIdentifier<unknown>,
    readonly value: unknown,
    readonly by: string,
  ) {
    super({
      summary: `${by} ${verbOf(by).past} ${describeValue(value)} instead of a \`${identifierName(id)}\``,
      details: [['note', value == null ? 'null and undefined mean that a resource is absent' : undefined]],
      help: `${verbOf(by).imperative} a \`${identifierName(id)}\``,
    });
  }
}

/** Raised when a resource lacks methods of the class that it is published as. Not checked in production. */
export class ResourceTypeError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_TYPE';

  constructor(
    readonly id: ServiceIdentifier<unknown>,
    value: unknown,
    readonly by: string,
    readonly missing: readonly PropertyKey[],
  ) {
    const name = identifierName(id);
    super({
      summary: `${by} ${verbOf(by).past} ${describeValue(value)}, which is not a \`${name}\``,
      details: [['lacks', missing.map((method) => `${String(method)}()`).join(', ')]],
      help: `${verbOf(by).imperative} a \`${name}\`, or an object with all of its methods`,
    });
  }
}

/** Returns the verbs for a resource's source: `addResource()` receives its value, all others return it. */
function verbOf(by: string): { readonly past: string; readonly imperative: string } {
  return by === 'addResource()' ? { past: 'received', imperative: 'pass' } : { past: 'returned', imperative: 'return' };
}

/** Describes a value by its type, without its content. */
function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object' && typeof value !== 'function') return `a ${typeof value}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  return name === undefined || name === '' ? 'an object without a class' : `an instance of ${name}`;
}

/** Raised when a resource name contains characters other than letters, digits, `_` and `-`. */
export class ResourceNameError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_NAME';

  constructor(readonly found: unknown) {
    super({
      summary: `A resource name must consist of letters, digits, "_" and "-", got ${JSON.stringify(found)}`,
      help: 'choose another name, such as "primary" or "read_only"',
    });
  }
}

/** Raised when something that is neither a class nor a token is used as a service identifier. */
export class IdentifierError extends AsphaltError {
  readonly code = 'ERR_IDENTIFIER';

  constructor(
    readonly where: string,
    readonly found: unknown,
  ) {
    super({
      summary: `${where} requires a class or a token, got ${describeNonIdentifier(found)}`,
      details: [
        [
          'note',
          found === undefined ? 'a class is undefined while modules that import each other are loading' : undefined,
        ],
      ],
      help:
        found === undefined
          ? 'inject it lazily: new LazyServiceIdentifier(() => TheClass)'
          : "declare one: token<Type>('name')",
    });
  }
}

function describeNonIdentifier(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(found);
  if (typeof found !== 'object' || found === null) return String(found);
  return Array.isArray(found) && found.length === 0 ? 'an empty list' : 'an object that is neither';
}
