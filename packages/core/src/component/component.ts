/**
 * The base class of components: the fields that the runtime sets and the hooks that it calls. Must not depend on the
 * graph or the application.
 */
import type { ConfigOf } from '../config/define.ts';
import type { ConfigSchema } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import type { Made } from '../context/context-options.ts';
import { markCopy } from '../errors/copies.ts';
import { takeSetup, withSetup } from '../signal/scope.ts';
import type { ComponentClass } from './component-options.ts';
import { ComponentConstructionError } from './errors.ts';
import type { Logger } from './logger.ts';

/** The data that the runtime passes to a new component. @internal */
export interface ComponentSetup {
  readonly path: string;
  readonly alias: string;
  readonly config: object;
  /** `context` and `logger` are created on first use. */
  readonly context: Context;
  readonly logger: Logger;
}

/** Constructs a component so that `this.config` and the other fields are available in its constructor. @internal */
export function constructComponent<T>(
  setup: ComponentSetup,
  type: ComponentClass<T & object>,
  args: readonly unknown[],
): T {
  return withSetup(type, setup, () => new type(...args));
}

function setupOf(type: { readonly name: string }): ComponentSetup {
  const setup = takeSetup(type);
  if (!setup) throw new ComponentConstructionError(type.name);
  // Only `constructComponent` passes a setup. The file of the scope does not depend on components.
  return setup as ComponentSetup;
}

/**
 * The hooks of a component. Their parameters are needs (`@inject`). The first parameter without `@inject` receives an
 * `AbortSignal`, which fires when the start is aborted and when the component stops. A hook may be a generator: the
 * code after its `yield` is teardown, and `yield` returns the error that ended the application.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging, no-unused-vars -- optional hooks cannot be class members
export interface Component<S extends ConfigSchema = ConfigSchema<{}>> {
  /** Runs before the children are created. Publish the resources that they need here. */
  prepare?(...needs: never[]): Made<void>;
  /** Runs after the children and the providers of this component have started. */
  start?(...needs: never[]): Made<void>;
  /** Runs after the whole application has started. Start to listen, consume or poll here. */
  ready?(...needs: never[]): Made<void>;
}

export class Component<S extends ConfigSchema = ConfigSchema<{}>> {
  static {
    markCopy(this);
  }

  readonly #setup: ComponentSetup;
  /** Exists only for the compiler, which infers the options of a class from it. */
  declare readonly '~schema'?: S;

  constructor() {
    this.#setup = setupOf(new.target);
  }

  /** The validated options, frozen. Like the other fields, available from the constructor on. */
  get config(): ConfigOf<S> {
    return this.#setup.config as ConfigOf<S>;
  }

  /** The component's view of the application's context. Additions are torn down with this component. */
  get context(): Context {
    return this.#setup.context;
  }

  /** The logger with the component's path as its name. */
  get logger(): Logger {
    return this.#setup.logger;
  }

  /** The component's path in the tree: aliases joined by dots, empty for the root. */
  get path(): string {
    return this.#setup.path;
  }

  /** The component's name within its parent: `type` or `type/name`. */
  get alias(): string {
    return this.#setup.alias;
  }
}
