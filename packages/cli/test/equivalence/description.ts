/**
 * The description of a random application as data. `sources.ts` and `configuration.ts` render it as the files of a
 * project, and `random-application.ts` generates it.
 *
 * A type is a component class. It has one or two instances, whose resources are named after their aliases. Types are
 * numbered: a parent and the provider of a need that imposes an order have lower numbers, so that no description has a
 * cycle. The root component has the number -1.
 */
export const rootIndex = -1;

export type Style = 'sync' | 'async' | 'generator' | 'asyncGenerator';

/** Behavior of one phase of a component. */
export interface Behavior {
  readonly style: Style;
  /** The turns of the event loop that an asynchronous phase and its undo take. */
  readonly turns: number;
  /** `hangs` waits for the abort signal, `stalls` never ends. Both apply to asynchronous phases only. */
  readonly fault: 'none' | 'throws' | 'hangs' | 'stalls';
  /** The undo of a synchronous phase cannot hang. */
  readonly undo: 'none' | 'runs' | 'throws' | 'hangs';
}

export type NeedPlace = 'construct' | 'property' | 'prepare' | 'provide' | 'start' | 'ready' | 'task' | 'handler';

export interface Need {
  readonly at: NeedPlace;
  readonly type: number;
  /** `option` reads the name from an option of the component, with `fromConfig()`. */
  readonly how: 'plain' | 'named' | 'option' | 'optional' | 'deferred' | 'all';
  /** The resource name for `named`, and the default of the option for `option`. */
  readonly name: string;
}

export interface Task {
  readonly turns: number;
  readonly fault: 'none' | 'throws';
  /** The number of events that the task dispatches on the signal of the component's resource. */
  readonly events: number;
  /** Whether the task runs until its component stops. */
  readonly isEndless: boolean;
}

export interface Handler {
  readonly type: number;
  readonly name: string;
  /** Whether it handles the events of all resources of the type. */
  readonly all: boolean;
  readonly turns: number;
  /** The event whose handling throws. */
  readonly failsAt: number | undefined;
  readonly concurrency: number;
}

export interface ComponentType {
  readonly index: number;
  /** The resource names of its instances. */
  readonly names: readonly string[];
  readonly parent: number;
  /** Where the instances are declared; `function` is a `components` function that reads the option `more`. */
  readonly declaredIn: 'code' | 'function' | 'config' | 'types';
  /** Whether the class is in a second module. */
  readonly isApart: boolean;
  /** `line` puts the class on one line with others; `twin` returns it from a function that creates two classes. */
  readonly layout: 'block' | 'line' | 'twin';
  /** Whether it inherits a need from its base class. */
  readonly inherits: boolean;
  readonly provides: 'nothing' | 'method' | 'start' | 'factory';
  readonly hasDispose: boolean;
  readonly construct: Behavior;
  readonly prepare: Behavior | undefined;
  readonly provide: Behavior;
  readonly start: Behavior | undefined;
  readonly ready: Behavior | undefined;
  readonly needs: readonly Need[];
  readonly task: Task | undefined;
  readonly handler: Handler | undefined;
  readonly health: 'none' | 'up' | 'down';
  /** The type whose resource `start()` looks up. */
  readonly lookup: number | undefined;
  readonly startTimeout: number | undefined;
  readonly stopTimeout: number | undefined;
}

/** The sources of configuration, in increasing precedence. The first four belong to the build. */
export type LayerName = 'code' | 'file' | 'second' | 'buildSet' | 'runFile' | 'env' | 'setVariable' | 'set';

/** One value in one layer. `type` and `enabled` change the shape of the application. */
export interface Setting {
  readonly layer: LayerName;
  readonly type: number;
  readonly name: string;
  readonly option: 'label' | 'count' | 'more' | 'use' | 'secret' | 'list' | 'enabled' | 'type';
  readonly value: string | number | boolean | null | readonly string[];
  /** Whether only the run with the changed configuration has it. */
  readonly isChange: boolean;
}

/** How the application ends, unless a component fails before. */
export interface Ending {
  readonly kind: 'run' | 'stop' | 'error' | 'crash' | 'signal' | 'stopDuringStart';
  readonly code: number;
  readonly turns: number;
  /** Operations before the end, each on the component of a type. */
  readonly operations: ReadonlyArray<{
    readonly kind: 'restart' | 'stopComponent' | 'startComponent' | 'health' | 'waiting' | 'setLogLevel';
    readonly type: number;
  }>;
}

export interface Description {
  readonly types: readonly ComponentType[];
  readonly settings: readonly Setting[];
  readonly ending: Ending;
  /** Whether the option `more` of the root component is required and gets its value only when the application starts. */
  readonly isOpen: boolean;
  /** Whether the root component subscribes to the lifecycle. */
  readonly isObserved: boolean;
}

/** Returns the alias of an instance. */
export function aliasOf(type: number, name: string): string {
  return name === 'default' ? `part${type}` : `part${type}/${name}`;
}

/** Returns the aliases from the root to an instance. */
export function aliasesOf({ types }: Description, type: number, name: string): string[] {
  const aliases: string[] = [];
  for (let at = types[type], own = name; at; at = types[at.parent], own = at?.names[0] ?? '') {
    aliases.unshift(aliasOf(at.index, own));
  }
  return aliases;
}

/** The facts about a type that decide which needs it can have and satisfy. */
export type Provider = Pick<ComponentType, 'index' | 'names' | 'parent' | 'declaredIn' | 'provides'>;

/** Returns whether a type always has its instances: a function declares none of its ancestors. */
export function isRequired(type: Provider, all: readonly Provider[]): boolean {
  for (let at: Provider | undefined = type; at; at = all[at.parent]) if (at.declaredIn === 'function') return false;
  return true;
}
