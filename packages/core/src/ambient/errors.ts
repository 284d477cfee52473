/** The failures of code that relies on the current context. */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** Raised when the current context is asked for where there is none. */
export class NoCurrentContextError extends AsphaltError {
  readonly code = 'ERR_CONTEXT_NONE';

  constructor() {
    super({
      summary: 'There is no current context here',
      details: [['note', 'a context is current in Context.run(), hooks, providers, handlers, tasks and web requests']],
      help: [
        'call this inside of Context.run()',
        "import '@asphalt/core/ambient' before the first context is opened",
        'pass the context along, and call its method of the same name',
      ],
    });
  }
}

/** Raised where `@injected()` stands on something that it can inject nothing into. */
export class InjectedMethodError extends AsphaltError {
  readonly code = 'ERR_INJECTED_METHOD';

  constructor(
    readonly type: string,
    readonly member: PropertyKey,
    readonly reason: string,
    help: string,
  ) {
    super({ summary: `@injected() on \`${type}.${String(member)}\` can inject nothing: ${reason}`, help });
  }
}

/** Raised when a parameter that stands for an injected value was left out, and nothing was injected. */
export class NotInjectedError extends AsphaltError {
  readonly code = 'ERR_NOT_INJECTED';

  constructor() {
    super({
      summary: 'A parameter with the default `fromContext()` was left out, and nothing was injected',
      help: ['decorate its method with @injected() and the parameter with @inject()', 'pass the value'],
    });
  }
}
