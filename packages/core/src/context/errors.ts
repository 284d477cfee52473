/** The failures of contexts and resources. */
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { identifierName, keyText, type Key, type ServiceIdentifier } from './key.ts';

/** Raised when a context is used in a state that does not allow it. */
export class ContextStateError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_STATE';

  constructor(
    readonly operation: string,
    readonly context: string,
    readonly state: 'closing' | 'closed',
  ) {
    super({
      summary: `Cannot ${operation} context "${context}": it is ${state}`,
      details: [['note', state === 'closed' ? 'the call ran after the context ended, perhaps from a promise that nobody awaited' : undefined]],
      help:
        state === 'closed'
          ? 'await the work inside the context, or run it with startServiceTask()'
          : 'do it before the context closes; while it closes, resources can be looked up and added, and nothing else',
    });
  }
}

/** Raised when nothing was published under the wanted key. */
export class ResourceNotFoundError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_NOT_FOUND';

  constructor(
    readonly key: Key,
    readonly context: string,
    /** The names under which resources with that identifier are there. */
    readonly otherNames: readonly string[],
  ) {
    const id = identifierName(key.id);
    const others = otherNames.map((name) => `"${name}"`).join(', ');
    super({
      summary: `No resource of type \`${id}\` named "${key.name}" in context "${context}"`,
      details: [['note', others === '' ? undefined : `there is a \`${id}\` named ${others}`]],
      help:
        others === ''
          ? `publish one with @provides(${id}) or addResource() before it is looked up`
          : `ask for it by name: getResource(${id}, '${otherNames[0]}')`,
    });
  }
}

/** Raised when a key is taken: by a resource of this context or by an inherited one. */
export class ResourceConflictError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_CONFLICT';

  constructor(
    readonly key: Key,
    readonly context: string,
  ) {
    super({
      summary: `A resource of type \`${identifierName(key.id)}\` named "${key.name}" already exists in context "${context}"`,
      details: [['note', 'one context holds one resource per type and name, inherited ones included']],
      help: "give the second one a name of its own, or its component an alias such as 'type/name'",
    });
  }
}

/** Raised when the synchronous lookup meets a resource that is made asynchronously. */
export class AsyncResourceError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_ASYNC';

  constructor(readonly key: Key) {
    super({
      summary: `\`${keyText(key)}\` is made asynchronously and is not there yet`,
      help: `await it: await context.getResource(${identifierName(key.id)})`,
    });
  }
}

/** Raised when `null` or `undefined` is published, which mean "absent". */
export class ResourceValueError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_VALUE';

  constructor(
    readonly id: ServiceIdentifier<unknown>,
    readonly value: unknown,
    readonly by: string,
  ) {
    super({
      summary: `${by} gave ${describeValue(value)} where a \`${identifierName(id)}\` was expected`,
      details: [['note', value == null ? 'null and undefined mean that a resource is absent' : undefined]],
      help: `return a \`${identifierName(id)}\``,
    });
  }
}

/** What a value is, without showing what it holds. */
function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object' && typeof value !== 'function') return `a ${typeof value}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  return name === undefined || name === '' ? 'an object without a class' : `an instance of ${name}`;
}

/** Raised when teardown callbacks failed; all of them ran. `errors` holds what they threw, in order. */
export class TeardownError extends AsphaltError {
  readonly code = 'ERR_TEARDOWN';

  constructor(
    readonly context: string,
    readonly errors: readonly unknown[],
    /** What ended the context, when it was an error. */
    readonly endedBy?: unknown,
  ) {
    super(
      {
        summary: `${errors.length} teardown ${errors.length === 1 ? 'callback' : 'callbacks'} of context "${context}" failed`,
        details: [
          ...errors.map((error, index) => [`${index + 1}.`, describeThrown(error)] as const),
          ['ended by', endedBy === undefined ? undefined : describeThrown(endedBy)],
        ],
      },
      { cause: errors[0] },
    );
  }
}

/** Raised when a context closes while child contexts of it are open. */
export class ContextLeakError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_LEAK';

  constructor(
    readonly context: string,
    readonly openChildren: number,
  ) {
    super({
      summary: `Context "${context}" closed while ${openChildren} child ${openChildren === 1 ? 'context was' : 'contexts were'} open`,
      help: 'close children first; context.run(body) does so by itself',
    });
  }
}

/** Raised by a task that failed; `task` is its name. */
export class TaskCrashError extends AsphaltError {
  readonly code = 'ERR_TASK_CRASHED';

  constructor(
    readonly task: string,
    cause: unknown,
  ) {
    super({ summary: `Task "${task}" failed: ${describeThrown(cause)}` }, { cause });
  }
}
