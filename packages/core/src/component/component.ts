/** The base class of components: what the runtime gives to each of them, and the hooks it calls. */
import type { ConfigOf } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import { AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentClass } from './component-class.ts';
import type { Logger } from './logger.ts';

/** What a component is told when it is made. @internal */
export interface ComponentSetup {
  readonly path: string;
  readonly alias: string;
  readonly config: object;
  /** Both are made when they are first asked for. */
  readonly context: Context;
  readonly logger: Logger;
}

/** The setup of the component whose constructor runs; taken by the constructor of `Component`, synchronously. */
let next: ComponentSetup | undefined;

/** Runs a constructor call so that `this.config` and its siblings are there inside of it. @internal */
export function withSetup<T>(setup: ComponentSetup, type: ComponentClass<T & object>, args: readonly unknown[]): T {
  const outer = next;
  next = setup;
  try {
    return new type(...args);
  } finally {
    next = outer;
  }
}

function takeSetup(component: object): ComponentSetup {
  if (!next) throw new ComponentConstructionError(component.constructor.name);
  const setup = next;
  next = undefined;
  return setup;
}

type Hook = void | Promise<void> | Generator<void, void, unknown> | AsyncGenerator<void, void, unknown>;

/**
 * A hook's parameters are needs (`@inject`); the first one that has no `@inject` gets an `AbortSignal`, which
 * fires when the start is given up and when the component stops. A hook may be a generator: what follows its `yield` is
 * teardown, and `yield` returns the error that ended the application.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging, no-unused-vars -- optional hooks cannot be class members
export interface Component<S extends ConfigSchema = ConfigSchema<{}>> {
  /** Runs before the children are made; publish here what they need. */
  prepare?(...needs: never[]): Hook;
  /** Runs when the children and the providers of this component have started. */
  start?(...needs: never[]): Hook;
  /** Runs when the whole application has started: begin to listen, consume or poll here. */
  ready?(...needs: never[]): Hook;
}

export class Component<S extends ConfigSchema = ConfigSchema<{}>> {
  // One field and no constructor: the engine is slow to add a field to the first instance of each class.
  readonly #setup = takeSetup(this);
  /** Exists for the compiler alone, which reads the options of a class from it. */
  declare readonly '~schema'?: S;

  /** The checked options, frozen. There from the constructor on, as are the other fields. */
  get config(): ConfigOf<S> {
    return this.#setup.config as ConfigOf<S>;
  }

  /** The application's context as this component sees it: what is added here is torn down with this component. */
  get context(): Context {
    return this.#setup.context;
  }

  /** Writes under the component's path. */
  get logger(): Logger {
    return this.#setup.logger;
  }

  /** Where the component stands in the tree: aliases joined by dots, empty for the root. */
  get path(): string {
    return this.#setup.path;
  }

  /** The component's name in its parent: `type` or `type/name`. */
  get alias(): string {
    return this.#setup.alias;
  }
}

/** Raised when a component is made with `new` instead of by the runtime. */
export class ComponentConstructionError extends AsphaltError {
  readonly code = 'ERR_COMPONENT_CONSTRUCTION';

  constructor(readonly type: string) {
    super({
      summary: `${type} is a component and was made with \`new\``,
      details: [['note', 'the runtime makes components, because it gives them their options and context']],
      help: `name it in @component({ components }), or start it: startApplication(${type})`,
    });
  }
}
