/** The errors of a failed start and a failed stop, and the description of where a start failed. */
import { TeardownTimeoutError } from '../context/errors.ts';
import { identifierName, keyText, type Key } from '../context/key.ts';
import { AsphaltError, describeThrown, wholeText, type Explanation } from '../errors/asphalt-error.ts';
import { componentText, componentTrail, type ComponentNode } from '../graph/component-node.ts';
import type { Step } from '../graph/plan.ts';
import { injectionNote } from './injection-note.ts';

/** Names the whole application in messages that may also name a component. */
export const theApplication = 'the application';

function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

/** The phase in which a component failed. For a provider or a handler, the name of its method. */
export type StartPhase = 'constructor' | 'prepare()' | 'start()' | 'ready()' | `${string}()`;

/** Returns the name of a step in messages. */
export function phaseOf({ kind, provider }: Step): StartPhase {
  if (provider) return `${String(provider.declaration.member)}()`;
  return kind === 'construct' ? 'constructor' : `${kind}()`;
}

/** Raised when a component's code failed during the start; `cause` is the error that it threw. */
export class ComponentStartError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_START';
  /** The component's path; empty for the root. */
  readonly path: string;
  readonly type: string;

  constructor(
    node: ComponentNode,
    readonly phase: StartPhase,
    cause: unknown,
  ) {
    super(explain(node, phase, cause), { cause });
    this.path = node.path;
    this.type = node.type.name;
  }
}

/** Adds the location to the explanation of an `AsphaltError`, and describes any other error in the summary. */
function explain(node: ComponentNode, phase: StartPhase, cause: unknown): Explanation {
  const where = [
    ['called in', `${phase === 'constructor' ? 'the constructor' : phase} of ${componentText(node)}`],
    ['path', node.path === '' ? undefined : componentTrail(node)],
  ] as const;
  if (!AsphaltError.is(cause)) {
    const member = phase === 'constructor' ? undefined : phase.slice(0, -'()'.length);
    const injection = injectionNote(node, member, ['AbortSignal'], cause);
    return {
      summary: `${capitalized(componentText(node))} failed to start: ${describeThrown(cause)}`,
      details: [...where, ['note', injection?.note]],
      help: injection?.help,
    };
  }
  const { summary, details = [], help } = cause.explanation;
  return { summary, details: [...where, ...details, ['cause', cause.code]], help };
}

/** Raised when a start had several failures; `errors` holds all of them. */
export class StartError extends AsphaltError {
  readonly code = 'ERR_START';

  constructor(
    readonly errors: readonly unknown[],
    subject = theApplication,
  ) {
    super(
      {
        summary: `${capitalized(subject)} did not start: ${errors.length} failures`,
        details: errors.map((error, index) => [`${index + 1}.`, wholeText(error)] as const),
      },
      { cause: errors[0] },
    );
  }
}

export interface Waiting {
  readonly node: ComponentNode;
  readonly state: string;
  /** Milliseconds since the state changed. */
  readonly since: number;
  readonly keys: readonly Key[];
  /** The text of `context.progress()`. */
  readonly progress: string | undefined;
}

/** Describes unstarted components for messages, one a line. */
export function waitingTree(waiting: readonly Waiting[]): string {
  return waiting
    .map(({ node, state, since, keys, progress }) => {
      const wanted = keys
        .map(keyText)
        .map((key) => `\`${key}\``)
        .join(', ');
      return `${node.path === '' ? '(root)' : node.path} (${node.type.name}): ${wanted === '' ? state : `waiting for ${wanted}`} for ${(since / 1000).toFixed(1)} s${progress === undefined ? '' : `: ${progress}`}`;
    })
    .join('\n');
}

function factoryList(factories: readonly string[]): string | undefined {
  return factories.length > 0 ? factories.join(', ') : undefined;
}

/**
 * Raised when a start exceeded its time limit. Lists each unstarted component with its state and awaited keys, and the
 * factories that have not finished.
 */
export class StartTimeoutError extends AsphaltError {
  readonly code = 'ERR_START_TIMEOUT';

  constructor(
    readonly limitMs: number,
    readonly waiting: readonly Waiting[],
    subject = theApplication,
    /** The factories of the application's context that have not finished, as named in messages. */
    readonly factories: readonly string[] = [],
  ) {
    super({
      summary: `${capitalized(subject)} did not start within ${limitMs / 1000} s`,
      details: [
        ['waiting', waitingTree(waiting)],
        ['factories', factoryList(factories)],
      ],
      help: 'find out why these components are slow, or raise the limit: startTimeout (0 means no limit)',
    });
  }
}

/** The cause of a component's failure when a phase of its start exceeded the component's own limit. */
export class ComponentTimeoutError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_TIMEOUT';

  constructor(
    readonly limitMs: number,
    /** The keys that the component waited for. */
    readonly keys: readonly Key[],
    readonly progress?: string,
  ) {
    super({
      summary: `Exceeded the component's start limit of ${limitMs / 1000} s`,
      details: [
        ['waiting for', keys.length > 0 ? keys.map(keyText).join(', ') : undefined],
        ['progress', progress],
      ],
      help: 'find out why it is slow, or raise startTimeout in its @component()',
    });
  }
}

/** Raised when every unstarted component waits for a resource and the event loop is empty, so no code can publish it. */
export class StartDeadlockError extends AsphaltError {
  readonly code = 'ERR_START_DEADLOCK';

  constructor(readonly waiting: readonly Waiting[]) {
    const [first] = waiting.flatMap(({ keys }) => keys);
    super({
      summary: 'Startup deadlock: every unstarted component is waiting for a resource',
      details: [['waiting', waitingTree(waiting)]],
      help: `publish ${first ? `\`${identifierName(first.id)}\`` : 'the resource'} before a component waits for it, or declare it with @provides so that the runtime knows the order`,
    });
  }
}

/** Raised when the event loop ran empty before the start was complete. */
export class StartStalledError extends AsphaltError {
  readonly code = 'ERR_START_STALLED';

  constructor(
    readonly waiting: readonly Waiting[],
    subject = theApplication,
    /** The factories of the application's context that have not finished, as named in messages. */
    readonly factories: readonly string[] = [],
  ) {
    super({
      summary: `${capitalized(subject)} can never start: the event loop is empty`,
      details: [
        ['waiting', waitingTree(waiting)],
        ['factories', factoryList(factories)],
      ],
      help: `find the promise that never settles in these ${factories.length > 0 ? 'factories' : 'components'}`,
    });
  }
}

/** Raised when the application is stopped during its start. */
export class StartCancelledError extends AsphaltError {
  readonly code = 'ERR_START_CANCELLED';

  constructor(
    readonly by?: string,
    subject = theApplication,
  ) {
    const what = subject === theApplication ? 'it' : subject;
    super({ summary: `The application was stopped${by === undefined ? '' : ` by ${by}`} before ${what} had started` });
  }
}

/** Reports components that stay stopped because the start of one of them failed. The application keeps running. */
export class ComponentDownError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_DOWN';
  /** The component's path; empty for the root. */
  readonly path: string;

  constructor(
    node: ComponentNode,
    /** The paths of the components that stay stopped with it. */
    readonly others: readonly string[],
    cause: unknown,
  ) {
    super(
      {
        summary: `${capitalized(componentText(node))} stays stopped because its start failed`,
        details: [
          ['with it', others.length > 0 ? others.map((path) => `\`${path}\``).join(', ') : undefined],
          ['1.', wholeText(cause)],
        ],
        help: `fix the cause, then start it again: await application.startComponent('${node.path}')`,
      },
      { cause },
    );
    this.path = node.path;
  }
}

/** A failure during a stop. */
export interface StopFailure {
  /** The component that failed, as named in messages. */
  readonly component: string;
  /** The teardown or task that failed, if its name is known. */
  readonly label?: string | undefined;
  readonly error: unknown;
}

/** Raised when a stop had failures; `errors` holds all of them. Everything else was torn down. */
export class StopError extends AsphaltError {
  readonly code = 'ERR_STOP';

  constructor(
    readonly errors: readonly StopFailure[],
    /** The error that ended the application, if any. */
    readonly endedBy?: unknown,
    subject = theApplication,
  ) {
    super(
      {
        summary: `${errors.length} ${errors.length === 1 ? 'failure' : 'failures'} while ${subject} stopped`,
        details: [
          ...errors.map(({ component, label, error }, index) => {
            // A timeout already contains the label.
            const where = label === undefined || error instanceof TeardownTimeoutError ? '' : `, ${label}`;
            return [`${index + 1}.`, `${component}${where}: ${wholeText(error)}`] as const;
          }),
          ['ended by', endedBy === undefined ? undefined : describeThrown(endedBy)],
        ],
      },
      { cause: errors[0]?.error },
    );
  }
}

/** Reports components that were abandoned because their stop exceeded a time limit. */
export class StopTimeoutError extends AsphaltError {
  readonly code = 'ERR_STOP_TIMEOUT';

  constructor(
    readonly limitMs: number,
    readonly hanging: readonly string[],
    subject = theApplication,
  ) {
    super({
      summary: `${capitalized(subject)} did not stop within ${limitMs / 1000} s and was abandoned`,
      details: [['hanging', hanging.join('\n')]],
      help: 'find out why these components do not finish, or raise the limit: stopTimeout (0 means no limit)',
    });
  }
}

/** Raised at the stop if failures were reported while the application had neither `onError` nor a logger. */
export class UnhandledFailuresError extends AsphaltError {
  readonly code = 'ERR_UNHANDLED_FAILURES';

  constructor(readonly errors: readonly unknown[]) {
    super(
      {
        summary: `${errors.length} ${errors.length === 1 ? 'failure' : 'failures'} without a receiver while the application ran`,
        details: errors.map((error, index) => [`${index + 1}.`, wholeText(error)] as const),
        help: 'receive such failures: pass onError or a logger to startApplication()',
      },
      { cause: errors[0] },
    );
  }
}
