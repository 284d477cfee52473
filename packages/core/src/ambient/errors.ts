/** Errors of code that relies on the current context. */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** Raised when code requests the current context outside of any context. */
export class NoCurrentContextError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_NONE';

  constructor() {
    super({
      summary: 'No context is current here',
      details: [['note', 'a context is current in Context.run(), hooks, providers, handlers, tasks and web requests']],
      help: [
        'call this inside Context.run()',
        "import '@asphalt/core/ambient' before the first context is opened",
        'pass the context as a parameter and call its method of the same name',
      ],
    });
  }
}

/** Raised when `@injected()` decorates a member that it cannot inject. */
export class InjectedMethodError extends AsphaltError {
  readonly code = 'ERR_INJECTED_METHOD';

  constructor(
    readonly type: string,
    readonly member: PropertyKey,
    readonly reason: string,
    help: string,
  ) {
    super({ summary: `@injected() on \`${type}.${String(member)}\`: ${reason}`, help });
  }
}

/** Raised when the caller omitted a parameter with the default `fromContext()` and no value was injected. */
export class NotInjectedError extends AsphaltError {
  readonly code = 'ERR_NOT_INJECTED';

  constructor() {
    super({
      summary: 'A parameter with the default `fromContext()` was neither passed nor injected',
      help: ['decorate its method with @injected() and the parameter with @inject()', 'pass the value'],
    });
  }
}
