/** Errors of resources, factories and keys. */
import { AsphaltError, type Explanation } from '../errors/asphalt-error.ts';
import { copiesDetails, copiesHelp, otherCopy } from '../errors/copies.ts';
import { defaultName, identifierName, keyText, type Key, type ServiceIdentifier } from './key.ts';

/** Resources that are close to a missing one, for its error. */
export interface NearResources {
  /** The names of the context's other resources with this identifier. */
  readonly otherNames: readonly string[];
  /** The ancestor that published the resource after this context was opened. */
  readonly later?: string | undefined;
  /** The stopped component that provided the resource. */
  readonly stopped?: string | undefined;
  /** The component of the application that declares to provide the key. */
  readonly planned?:
    | {
        /** The component, as named in messages. */
        readonly component: string;
        /** Whether it provides the key only in the contexts that it opens. */
        readonly onlyInItsContexts: boolean;
      }
    | undefined;
  /** Whether the lookup is that of a deferred need, which waits for no component. */
  readonly deferred?: boolean;
  /** The names of other identifiers that are equal or similar. */
  readonly similar?: readonly string[];
}

/** A component that declares to provide a key. */
export type PlannedProvider = NonNullable<NearResources['planned']>;

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
  { otherNames, later, stopped, planned, deferred, similar = [] }: NearResources,
): Pick<Explanation, 'details' | 'help'> {
  const explained = (note: string, help: string | readonly string[]): Pick<Explanation, 'details' | 'help'> => ({
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
  if (planned?.onlyInItsContexts) {
    return explained(
      `${planned.component} provides it only in the contexts that it opens`,
      'look it up in such a context, such as that of a request',
    );
  }
  if (planned) {
    return explained(
      `${planned.component} provides it, but has not published it yet${deferred ? '; a deferred need does not wait' : ''}`,
      deferred
        ? ['call get() later: in ready(), a task or a handler', 'remove `deferred: true`, so that the component waits']
        : [
            `wait for it: await context.getResource(${id})`,
            `declare the need, so that the runtime waits: @inject(${id})`,
          ],
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

/** Raised when `null`, `undefined` or an object with a `then` method is published, or when a generator yields nothing. */
export class ResourceValueError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_VALUE';

  constructor(
    readonly id: ServiceIdentifier<unknown>,
    readonly value: unknown,
    readonly by: string,
    /** Set if the source is a generator that ended without a `yield`. */
    generator?: 'ended',
  ) {
    super(explainValue(identifierName(id), value, by, generator));
  }
}

function explainValue(id: string, value: unknown, by: string, generator: 'ended' | undefined): Explanation {
  if (generator === 'ended') {
    return { summary: `${by} ended without a \`yield\`, so it provides no \`${id}\``, help: `yield a \`${id}\`` };
  }
  const { past, imperative } = verbOf(by);
  if (value === null || value === undefined) {
    return {
      summary: `${by} ${past} ${describeValue(value)} instead of a \`${id}\``,
      details: [['note', 'null and undefined mean that a resource is absent']],
      help: `${imperative} a \`${id}\``,
    };
  }
  const isPromise = value instanceof Promise;
  return {
    summary: `${by} ${past} ${isPromise ? 'a promise' : 'an object with a `then` method'} as \`${id}\``,
    details: [['note', 'each `await` of a lookup would return the result of its `then` method instead']],
    help: isPromise
      ? `await it, and ${imperative} its result`
      : `${imperative} an object that holds it, such as { value }`,
  };
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
    /** The place of the decorator, and its text. */
    declared?: { readonly place: Explanation['place']; readonly text: string | undefined },
  ) {
    const other = typeof found === 'object' && found !== null ? otherCopy(found) : undefined;
    const declaredAt = ['declared at', declared?.text] as const;
    super({
      place: declared?.place,
      ...(other === undefined
        ? {
            summary: `${where} requires a class or a token, got ${describeNonIdentifier(found)}`,
            details: [
              declaredAt,
              [
                'note',
                found === undefined
                  ? 'a class is undefined while modules that import each other are loading'
                  : undefined,
              ],
            ],
            help:
              found === undefined
                ? 'inject it lazily: new LazyServiceIdentifier(() => TheClass)'
                : "declare one: token<Type>('name')",
          }
        : {
            summary: `${where} received a token of another installed copy of @asphalt/core`,
            details: [declaredAt, ...copiesDetails(other)],
            help: copiesHelp,
          }),
    });
  }
}

function describeNonIdentifier(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(found);
  if (typeof found !== 'object' || found === null) return String(found);
  return Array.isArray(found) && found.length === 0 ? 'an empty list' : 'an object that is neither';
}
