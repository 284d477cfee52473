/** The failures of contexts and resources. */
import { AsphaltError, describeThrown, type Explanation } from '../errors/asphalt-error.ts';
import { defaultName, identifierName, keyText, type Key, type ServiceIdentifier } from './key.ts';

/** Raised when a context is used in a state that does not allow it. */
export class ContextStateError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_STATE';

  constructor(
    readonly operation: string,
    readonly context: string,
    readonly state: 'closing' | 'closed',
    /** The component that was stopped, where the context is that of a component. */
    readonly component?: string,
  ) {
    super({
      summary: `Cannot ${operation} context "${context}": it is ${state}`,
      details: [['note', state === 'closed' ? closedNote(component) : undefined]],
      help:
        component === undefined
          ? stateHelp(operation, state)
          : 'end timers and event callbacks in onTeardown(), or run the work with startServiceTask()',
    });
  }
}

function closedNote(component: string | undefined): string {
  return component === undefined
    ? 'the call ran after the context ended, perhaps from a promise that nobody awaited'
    : `${component} was stopped; the call ran after that, perhaps from a timer or an event callback`;
}

function stateHelp(operation: string, state: 'closing' | 'closed'): string {
  if (state === 'closed') return 'await the work inside the context, or run it with startServiceTask()';
  if (operation === 'close') return 'close a context once, and not from a teardown callback of its own';
  return 'do it before the context closes; meanwhile resources can be looked up and added, but no factories and no tasks';
}

/** What there is instead of a missing resource. */
export interface NearResources {
  /** The names under which resources with that identifier are there. */
  readonly otherNames: readonly string[];
  /** The context above that has the resource, because it was published after this one was opened. */
  readonly later?: string | undefined;
  /** The component that provided the resource and was stopped. */
  readonly stopped?: string | undefined;
  /** Other identifiers that are called the same, or nearly so. */
  readonly similar?: readonly string[];
}

/** Raised when nothing was published under the wanted key, or when the component that published it was stopped. */
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

/** The nearest thing that is there, and what to do about it. */
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
      `publish it before, or look it up in "${later}"`,
    );
  }
  if (stopped !== undefined) {
    return explained(
      `${stopped} provided one and was stopped`,
      'look it up when the component has started again: see restart() and startComponent() of the application',
    );
  }
  if (otherNames.length > 0) {
    const names = otherNames.map((name) => `"${name}"`).join(', ');
    return explained(
      `there is a \`${id}\` named ${names}`,
      `ask for it by name: getResource(${id}, '${otherNames[0]}')`,
    );
  }
  if (similar.includes(id)) {
    return explained(
      `there is a resource of another type that is called \`${id}\` too`,
      'import it from one place: a module that is loaded twice makes it twice',
    );
  }
  const publish = `publish one with @provides(${id}) or addResource() before it is looked up`;
  return similar.length === 0 ? { help: publish } : explained(`there is a \`${similar.join('`, a `')}\``, publish);
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
      help: `await it: await context.getResource(${identifierName(key.id)}${key.name === defaultName ? '' : `, '${key.name}'`})`,
    });
  }
}

/** Raised when a factory, while it makes its value, asks for that very value, be it by way of other factories. */
export class FactoryCycleError extends AsphaltError {
  readonly code = 'ERR_FACTORY_CYCLE';

  constructor(
    /** The factories that were being called, outermost first; the last one is there twice. */
    readonly path: readonly Key[],
    readonly context: string,
  ) {
    super({
      summary: `The factory of \`${keyText(path.at(-1)!)}\` asks for its own value in context "${context}"`,
      details: [['path', path.map(keyText).join(' › ')]],
      help: 'look one of them up when it is used, not when the other is made',
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
      help: `give a \`${identifierName(id)}\``,
    });
  }
}

/** Raised when a resource lacks methods of the class that it is published as; not in production. */
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
      summary: `${by} gave ${describeValue(value)} that is no \`${name}\``,
      details: [['lacks', missing.map((method) => `${String(method)}()`).join(', ')]],
      help: `give a \`${name}\`, or something with all of its methods`,
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

/** What failed while a context closed; `label` tells what was being undone. */
export interface TeardownFailure {
  readonly label?: string;
  readonly error: unknown;
}

/** Raised when teardown callbacks failed; all of them ran. `errors` holds what they threw, in order. */
export class TeardownError extends AsphaltError {
  readonly code = 'ERR_TEARDOWN';
  readonly errors: readonly unknown[];

  constructor(
    readonly context: string,
    failures: readonly TeardownFailure[],
    /** What ended the context, when it was an error. */
    readonly endedBy?: unknown,
  ) {
    super(
      {
        summary: `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'} while context "${context}" closed`,
        details: [
          ...failures.map(({ label, error }, index) => {
            const thrown = describeThrown(error);
            // What was given up names itself.
            const isNamed = label === undefined || error instanceof TeardownTimeoutError;
            return [`${index + 1}.`, isNamed ? thrown : `${label}: ${thrown}`] as const;
          }),
          ['ended by', endedBy === undefined ? undefined : describeThrown(endedBy)],
        ],
      },
      { cause: failures[0]?.error },
    );
    this.errors = failures.map(({ error }) => error);
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

/** Raised for those who wait for a task's start, when the task ended without one. */
export class TaskNotStartedError extends AsphaltError {
  readonly code = 'ERR_TASK_NOT_STARTED';

  constructor(readonly task: string) {
    super({
      summary: `Task "${task}" ended before it had started`,
      help: 'have its work call `started`, its third parameter, before it returns',
    });
  }
}

/** Raised when a teardown takes longer than the closing of its context allows; it was not waited for any more. */
export class TeardownTimeoutError extends AsphaltError {
  readonly code = 'ERR_TEARDOWN_TIMEOUT';

  constructor(
    readonly label: string,
    readonly limitMs: number,
  ) {
    super({
      summary: `Teardown gave up on ${label} after ${limitMs / 1000} s`,
      help: 'find out what it waits for, or raise the limit of close()',
    });
  }
}
