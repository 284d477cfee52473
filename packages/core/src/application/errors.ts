/** Errors of a running application: operations that are not possible, and handlers and subscribers that fail. */
import type { HandlerDeclaration } from '../component/declaration-types.ts';
import { placeOf, placeText } from '../component/place.ts';
import { identifierName, keyText, type Key } from '../context/key.ts';
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import { componentText, type ComponentNode } from '../graph/component-node.ts';
import type { Provider } from '../graph/plan.ts';
import type { SubscriberFailure } from '../signal/subscriber-failure.ts';
import { injectionNote } from './injection-note.ts';
import type { ApplicationState } from './lifecycle.ts';

/** Raised when the application's current state does not allow an operation. */
export class ApplicationStateError extends AsphaltError {
  readonly code = 'ERR_APPLICATION_STATE';

  /** @param component - operation on one component; without it, the error is about starting the application */
  constructor(
    readonly state: ApplicationState,
    component?: { readonly operation: string; readonly node: ComponentNode },
  ) {
    super(
      component
        ? {
            summary: `Cannot ${component.operation} ${componentText(component.node)}: the application is ${state}`,
            details: [['note', 'single components can be stopped and started only while the application is started']],
            help: 'wait for application.start()',
          }
        : {
            summary: `Cannot start the application: it is ${state}`,
            details: [['note', 'an application can be started only once']],
            help: 'create another application from the same plan: new Application(plan)',
          },
    );
  }
}

/** Raised when the path of an operation matches no component of the application. */
export class UnknownComponentError extends AsphaltError {
  readonly code = 'ERR_UNKNOWN_COMPONENT';

  constructor(
    readonly path: string,
    known: readonly string[],
  ) {
    // Code without types may pass no path.
    const near = nearMisses(String(path), known);
    super({
      summary: `The application has no component \`${path}\``,
      help:
        near.length > 0
          ? `did you mean ${near.map((each) => `\`${each}\``).join(' or ')}?`
          : 'pass the aliases from the root to the component, joined by dots; asphalt graph shows them',
    });
  }
}

/** Raised when the log level of a component cannot be changed. */
export class LogLevelError extends AsphaltError {
  readonly code = 'ERR_LOG_LEVEL';

  /** @param known - the existing levels, if the level is not one of them */
  constructor(
    readonly level: string,
    known?: readonly string[],
  ) {
    super(
      known
        ? {
            summary: `"${level}" is not a log level`,
            help: `pass one of ${known.map((each) => `"${each}"`).join(', ')}`,
          }
        : {
            summary: "The application's logger cannot change its levels",
            help: 'start the application with asphalt run, or pass a logger that has a method `setLevel`',
          },
    );
  }
}

/** Raised when a component cannot start because it depends on stopped components. */
export class ComponentStoppedError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_STOPPED';

  constructor(
    node: ComponentNode,
    readonly stopped: readonly string[],
  ) {
    super({
      summary: `Cannot start ${componentText(node)}: it depends on stopped components: ${stopped.map((path) => `\`${path}\``).join(', ')}`,
      help: `start its dependencies first: await application.startComponent('${stopped[0]}')`,
    });
  }
}

/** Raised when a component has started without publishing a resource that `@provides` on its class declares. */
export class UnpublishedResourceError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_UNPUBLISHED';
  readonly key: Key;

  /** @internal */
  constructor({ node, declaration, ids, name }: Provider) {
    const id = ids[0]!;
    super({
      summary: `${node.type.name} declares \`${keyText({ id, name })}\` with @provides, but has not published it`,
      details: [
        ['declared at', placeText(placeOf(declaration.site))],
        ['note', 'on a class, @provides declares that start() publishes the resource itself'],
      ],
      help: [
        `call this.context.addResource(${identifierName(id)}, …) before start() ends`,
        `provide it from a method: @provides(${identifierName(id)}) on the method`,
        'remove @provides from the class if the component may not publish it',
      ],
      place: placeOf(declaration.site),
    });
    this.key = { id, name };
  }
}

/** Reports an `@on` handler that failed. The application keeps running. */
export class HandlerError extends AsphaltError {
  readonly code = 'ERR_HANDLER';

  constructor(node: ComponentNode, member: PropertyKey, cause: unknown) {
    const injection = injectionNote(node, member, ['event', 'Context'], cause);
    super(
      {
        summary: `\`${String(member)}()\` of ${componentText(node)} failed to handle an event: ${describeThrown(cause)}`,
        details: [['note', injection?.note]],
        help: injection?.help,
      },
      { cause },
    );
  }
}

/** Raised when an `@on` handler of deliveries has options of a queue in memory. */
export class DeliveryOptionsError extends AsphaltError {
  readonly code = 'ERR_DELIVERY_OPTIONS';
  /** The options that do not apply. */
  readonly options: readonly string[];

  /** @internal */
  constructor(declaration: HandlerDeclaration) {
    const { member, site } = declaration;
    const options = (['capacity', 'overflow'] as const).filter((option) => declaration[option] !== undefined);
    super({
      summary: `\`${String(member)}()\` handles deliveries, which take no \`${options.join('` and no `')}\``,
      details: [
        ['declared at', placeText(placeOf(site))],
        ['note', 'events wait at their source, and only as many as `concurrency` are fetched'],
      ],
      help: `remove \`${options.join('` and `')}\`, and set \`concurrency\``,
      place: placeOf(site),
    });
    this.options = options;
  }
}

/** Passed to the source of a delivery that was not handled. The source returns the event without counting an attempt. */
export class DeliveryReturnedError extends AsphaltError {
  readonly code = 'ERR_DELIVERY_RETURNED';
  /** The component's path; empty for the root. */
  readonly path: string;

  constructor(
    node: ComponentNode,
    readonly member: PropertyKey,
    readonly reason: string,
  ) {
    super({
      summary: `\`${String(member)}()\` of ${componentText(node)} returned a delivery: ${reason}`,
      details: [['note', 'the event was not handled; its source delivers it again']],
    });
    this.path = node.path;
  }
}

/** Reports a subscriber that threw during a dispatch. The sender and the other subscribers continued. */
export class SubscriberError extends AsphaltError {
  readonly code = 'ERR_SUBSCRIBER';
  /** The name of the signal's field. */
  readonly signal: string;
  /** The resource that owns the signal, as named in messages. */
  readonly owner: string;
  /** The name of the failing function; `undefined` if it has no name or if an operator failed. */
  readonly subscriber: string | undefined;

  /** Sets `cause` to the error of the subscriber, with the subscriber's stack. */
  constructor({ error, signal, owner, subscriber }: SubscriberFailure) {
    const who = subscriber === undefined ? 'A subscriber' : `Subscriber \`${subscriber}\``;
    super({ summary: `${who} of ${owner}.${signal} failed: ${describeThrown(error)}` }, { cause: error });
    this.signal = signal;
    this.owner = owner;
    this.subscriber = subscriber;
  }
}

/** Raised when a component defines a hook as a property, which the plan cannot see. */
export class HookPropertyError extends AsphaltError {
  readonly code = 'ERR_HOOK_PROPERTY';

  constructor(
    node: ComponentNode,
    readonly hook: string,
  ) {
    super({
      summary: `\`${hook}\` of ${node.type.name} is a property, but a hook must be a method`,
      details: [['note', 'the runtime must know the hooks before it constructs the component']],
      help: `write a method: override async ${hook}() { … }`,
    });
  }
}
