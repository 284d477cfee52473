/** What fails while an application runs: what it is told to do and cannot, and the code that hears of events. */
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import type { SubscriberFailure } from '../signal/signal.ts';
import type { ApplicationState } from './lifecycle.ts';

/** Raised when an application cannot do what it is told, in the state that it is in. */
export class ApplicationStateError extends AsphaltError {
  readonly code = 'ERR_APPLICATION_STATE';

  /** @param component - what is to be done to one component; without it, the application is to be started */
  constructor(
    readonly state: ApplicationState,
    component?: { readonly operation: string; readonly node: ComponentNode },
  ) {
    super(
      component
        ? {
            summary: `Cannot ${component.operation} ${componentText(component.node)}: the application is ${state}`,
            details: [['note', 'only an application that has started stops and starts single components']],
            help: 'wait for application.start()',
          }
        : {
            summary: `Cannot start the application: it is ${state}`,
            details: [['note', 'an application starts once']],
            help: 'make another one of the same plan: new Application(plan)',
          },
    );
  }
}

/** Raised when an application is to stop or start a component that it does not have. */
export class UnknownComponentError extends AsphaltError {
  readonly code = 'ERR_UNKNOWN_COMPONENT';

  constructor(
    readonly path: string,
    known: readonly string[],
  ) {
    const near = nearMisses(path, known);
    super({
      summary: `The application has no component \`${path}\``,
      help:
        near.length > 0
          ? `did you mean ${near.map((each) => `\`${each}\``).join(' or ')}?`
          : 'give the aliases from the root to the component, joined by dots; asphalt graph shows them',
    });
  }
}

/** Raised when a component is to start although one that it needs is stopped, and stays so. */
export class ComponentStoppedError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_STOPPED';

  constructor(
    node: ComponentNode,
    readonly stopped: readonly string[],
  ) {
    super({
      summary: `Cannot start ${componentText(node)}: it needs what is stopped`,
      details: [['stopped', stopped.map((path) => `component \`${path}\``).join('\n')]],
      help: `start that first: await application.startComponent('${stopped[0]}')`,
    });
  }
}

/** Tells of an @on handler that failed; the application goes on. */
export class HandlerError extends AsphaltError {
  readonly code = 'ERR_HANDLER';

  constructor(node: ComponentNode, member: PropertyKey, cause: unknown) {
    super(
      {
        summary: `\`${String(member)}()\` of ${componentText(node)} failed to handle an event: ${describeThrown(cause)}`,
      },
      { cause },
    );
  }
}

/** Tells of a subscriber that threw when a signal was dispatched; the sender and the other subscribers went on. */
export class SubscriberError extends AsphaltError {
  readonly code = 'ERR_SUBSCRIBER';
  /** The name of the signal: that of its field. */
  readonly signal: string;
  /** The resource whose signal it is, as messages call it. */
  readonly owner: string;
  /** The name of the function that failed; undefined where it has none, or the failure came out of operators. */
  readonly subscriber: string | undefined;

  /** The `cause` is what the subscriber threw, with the stack of the subscriber. */
  constructor({ error, signal, owner, subscriber }: SubscriberFailure) {
    const who = subscriber === undefined ? 'A subscriber' : `Subscriber \`${subscriber}\``;
    super({ summary: `${who} of ${owner}.${signal} threw: ${describeThrown(error)}` }, { cause: error });
    this.signal = signal;
    this.owner = owner;
    this.subscriber = subscriber;
  }
}
