/** Why a start fails, and where. */
import { identifierName, keyText, type Key } from '../context/key.ts';
import { AsphaltError, describeThrown, type Explanation } from '../errors/asphalt-error.ts';
import { componentText, componentTrail, type ComponentNode } from '../graph/component-node.ts';
import type { Step } from '../graph/plan.ts';
import { capitalized, theApplication, wholeText } from './error-words.ts';

/** Where in its life a component failed; `handler` names the member of a provider. */
export type StartPhase = 'constructor' | 'prepare()' | 'start()' | 'ready()' | `${string}()`;

/** How messages call a step. */
export function phaseOf({ kind, provider }: Step): StartPhase {
  if (provider) return `${String(provider.declaration.member)}()`;
  return kind === 'construct' ? 'constructor' : `${kind}()`;
}

/** Raised when code of a component failed while the application started; `cause` is what it threw. */
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

/** An error of the runtime or a package explains itself, and only its place is added; others are named. */
function explain(node: ComponentNode, phase: StartPhase, cause: unknown): Explanation {
  const where = [
    ['called in', `${phase === 'constructor' ? 'the constructor' : phase} of ${componentText(node)}`],
    ['path', node.path === '' ? undefined : componentTrail(node)],
  ] as const;
  if (!AsphaltError.is(cause)) {
    return {
      summary: `${capitalized(componentText(node))} failed to start: ${describeThrown(cause)}`,
      details: where,
    };
  }
  const { summary, details = [], help } = cause.explanation;
  return { summary, details: [...where, ...details, ['cause', cause.code]], help };
}

/** Raised when several components failed while the application started; `errors` holds each of them. */
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

/** What a component was doing when a start did not get on. */
export interface Waiting {
  readonly node: ComponentNode;
  readonly state: string;
  /** Milliseconds since it began. */
  readonly since: number;
  readonly keys: readonly Key[];
}

function waitingTree(waiting: readonly Waiting[]): string {
  return waiting
    .map(({ node, state, since, keys }) => {
      const wanted = keys
        .map(keyText)
        .map((key) => `\`${key}\``)
        .join(', ');
      return `${node.path === '' ? '(root)' : node.path} (${node.type.name}): ${wanted === '' ? state : `waits for ${wanted}`} since ${(since / 1000).toFixed(1)} s`;
    })
    .join('\n');
}

/** Raised when the time limit of the start passed; tells who was in which phase and waited for what. */
export class StartTimeoutError extends AsphaltError {
  readonly code = 'ERR_START_TIMEOUT';

  constructor(
    readonly limitMs: number,
    readonly waiting: readonly Waiting[],
    subject = theApplication,
  ) {
    super({
      summary: `${capitalized(subject)} did not start within ${limitMs / 1000} s`,
      details: [['waiting', waitingTree(waiting)]],
      help: 'find out why these components take so long, or raise the limit: startTimeout (0 is no limit)',
    });
  }
}

/** The cause of a component's failure when a part of its start took longer than the component allows. */
export class ComponentTimeoutError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_TIMEOUT';

  constructor(
    readonly limitMs: number,
    /** What it waited for. */
    readonly keys: readonly Key[],
  ) {
    super({
      summary: `Took longer than the ${limitMs / 1000} s that the component allows itself`,
      details: [['waits for', keys.length > 0 ? keys.map(keyText).join(', ') : undefined]],
      help: 'find out what takes so long, or raise startTimeout in its @component()',
    });
  }
}

/** Raised at once when every component that has not started waits for a resource that nobody is left to publish. */
export class StartDeadlockError extends AsphaltError {
  readonly code = 'ERR_START_DEADLOCK';

  constructor(readonly waiting: readonly Waiting[]) {
    const [first] = waiting.flatMap(({ keys }) => keys);
    super({
      summary: 'The start cannot go on: every component that has not started waits for a resource',
      details: [['waiting', waitingTree(waiting)]],
      help: `publish ${first ? `\`${identifierName(first.id)}\`` : 'the resource'} before it is waited for, or declare it with @provides so that the order is known`,
    });
  }
}

/** Raised when the process ran out of work before the application had started. */
export class StartStalledError extends AsphaltError {
  readonly code = 'ERR_START_STALLED';

  constructor(
    readonly waiting: readonly Waiting[],
    subject = theApplication,
  ) {
    super({
      summary: `${capitalized(subject)} can never start: nothing is left to wait for`,
      details: [['waiting', waitingTree(waiting)]],
      help: 'look for a promise that nobody settles in these components',
    });
  }
}

/** Raised when a component has a hook as a property, of which the plan could not know. */
export class HookPropertyError extends AsphaltError {
  readonly code = 'ERR_HOOK_PROPERTY';

  constructor(
    node: ComponentNode,
    readonly hook: string,
  ) {
    super({
      summary: `\`${hook}\` of ${node.type.name} is a property, and hooks are methods`,
      details: [['note', 'whether there is a hook must be known before the component is made']],
      help: `write a method: override async ${hook}() { … }`,
    });
  }
}

/** Raised when the application is told to stop while it starts. */
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
