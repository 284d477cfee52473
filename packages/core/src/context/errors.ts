/** Errors of contexts and tasks. */
import { AsphaltError, describeThrown, wholeText } from '../errors/asphalt-error.ts';

/** Raised when a context is used in a state that does not allow it. */
export class ContextStateError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_STATE';

  constructor(
    readonly operation: string,
    readonly context: string,
    readonly state: 'closing' | 'closed',
    /** The stopped component that owns the context; undefined for other contexts. */
    readonly component?: string,
  ) {
    super({
      summary: `Cannot ${operation} context "${context}": it is ${state}`,
      details: [['note', state === 'closed' ? closedNote(component) : undefined]],
      help:
        component === undefined
          ? stateHelp(operation, state)
          : 'stop timers and event listeners in onTeardown(), or run the work with startServiceTask()',
    });
  }
}

function closedNote(component: string | undefined): string {
  return component === undefined
    ? 'the call ran after the context had closed, probably from a promise that was not awaited'
    : `the call ran after ${component} was stopped, probably from a timer or an event listener`;
}

function stateHelp(operation: string, state: 'closing' | 'closed'): string {
  if (state === 'closed') return 'await the work inside the context, or run it with startServiceTask()';
  if (operation === 'close') return 'close a context only once, and not from one of its own teardown callbacks';
  return 'do this before the context closes; a closing context takes resources and lookups, but no factories or tasks';
}

/** An error from closing a context; `label` names the teardown. */
export interface TeardownFailure {
  readonly label?: string;
  readonly error: unknown;
}

/** Raised when teardowns failed; all of them ran. `errors` contains the thrown values, in order. */
export class TeardownError extends AsphaltError {
  readonly code = 'ERR_TEARDOWN';
  readonly errors: readonly unknown[];

  constructor(
    readonly context: string,
    /** The same errors with the names of their teardowns. */
    readonly failures: readonly TeardownFailure[],
    /** The error that ended the context, if any. */
    readonly endedBy?: unknown,
  ) {
    super(
      {
        summary: `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'} while context "${context}" closed`,
        details: [
          ...failures.map(({ label, error }, index) => {
            const thrown = wholeText(error);
            // A timeout already contains the label.
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

/** Raised when code sets an id whose kind is empty, or `context`, which contains the name of the context. */
export class ContextIdError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_ID';

  constructor(readonly kind: string) {
    super({
      summary: `"${kind}" cannot be the kind of an id`,
      details: [['note', kind === 'context' ? 'the id `context` is the name of the context with a number' : undefined]],
      help: 'use another kind, such as "request"',
    });
  }
}

/** Raised when a context closes while it has open child contexts. */
export class ContextLeakError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_LEAK';
  readonly openChildren: number;

  constructor(
    readonly context: string,
    /** The names of the open children; several may have the same name. */
    readonly children: readonly string[],
  ) {
    super({
      summary: `Context "${context}" closed while ${children.length} child ${children.length === 1 ? 'context was' : 'contexts were'} open`,
      details: [['open', childrenText(children)]],
      help: 'close children first; context.run(body) does this automatically',
    });
    this.openChildren = children.length;
  }
}

/** Lists up to ten names, each once. */
function childrenText(children: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of children) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = Array.from(counts, ([name, count]) => `"${name}"${count === 1 ? '' : ` (${count} times)`}`);
  return [...names.slice(0, 10), ...(names.length > 10 ? [`and ${names.length - 10} other names`] : [])].join(', ');
}

/** Raised when a task fails; `task` is its name, `cause` the error. */
export class TaskCrashError extends AsphaltError {
  readonly code = 'ERR_TASK_CRASHED';

  constructor(
    readonly task: string,
    cause: unknown,
  ) {
    super({ summary: `Task "${task}" failed: ${describeThrown(cause)}` }, { cause });
  }
}

/** Raised by `started()` of a task handle when the task ended without calling `started`. */
export class TaskNotStartedError extends AsphaltError {
  readonly code = 'ERR_TASK_NOT_STARTED';

  constructor(readonly task: string) {
    super({
      summary: `Task "${task}" ended before it called \`started\``,
      help: 'call `started`, the third parameter of the task function, before the function returns',
    });
  }
}

/** Raised when a teardown or a factory exceeds the limit of `close()`, which stops waiting for it. */
export class TeardownTimeoutError extends AsphaltError {
  readonly code = 'ERR_TEARDOWN_TIMEOUT';

  constructor(
    readonly label: string,
    readonly limitMs: number,
  ) {
    super({
      summary: `Teardown timed out after ${limitMs / 1000} s waiting for ${label}`,
      help: 'find the promise that never settles, or raise the limit of close()',
    });
  }
}
