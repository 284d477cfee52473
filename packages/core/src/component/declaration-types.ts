/**
 * The records that decorators write and the graph reads, as types. Each record contains the site of its decorator for
 * error messages.
 */
import type { AnyIdentifier } from '../context/key.ts';
import type { Overflow } from '../signal/event-queue.ts';
import type { ComponentOptions } from './component-options.ts';
import type { Site } from './place.ts';

/** A value that comes from an option of the component, such as a resource name. */
export interface FromConfig {
  readonly option: string;
}

export type DeclaredIdentifier = AnyIdentifier<unknown>;

/** An identifier of inversify that is not a class. */
export type ForeignIdentifier = string | symbol;

/** An `@inject` or `@injectAll`, or the equivalent decorator of inversify. */
export interface NeedDeclaration {
  readonly id: DeclaredIdentifier | ForeignIdentifier;
  readonly name: string | FromConfig | undefined;
  readonly optional: boolean;
  readonly deferred: boolean;
  /**
   * Whether all resources with the identifier are injected: `true` for a map by name, `'list'` for inversify's list.
   */
  readonly all: boolean | 'list';
  /** The property or method; undefined for the constructor. */
  readonly member: PropertyKey | undefined;
  /** The parameter; undefined for a property. */
  readonly index: number | undefined;
  readonly site: Site;
  /** Whether code of the component looks the key up. Nothing is injected. */
  readonly isLookup?: true;
  /** Whether inversify recorded the need from one of its decorators or from a type that the compiler emitted. */
  readonly inversify?: 'decorated' | 'emitted';
  /** The original member, if a provider receives the need for the class that it creates. */
  readonly declaredFor?: Pick<NeedDeclaration, 'member' | 'index'>;
}

/** A `@provides`. */
export interface ProviderDeclaration {
  readonly ids: readonly DeclaredIdentifier[];
  readonly name: string | undefined;
  readonly scope: 'application' | 'context';
  readonly dispose: ((value: never, error?: unknown) => unknown) | undefined;
  /** Undefined if the decorator is on the class. */
  readonly member: PropertyKey | undefined;
  readonly site: Site;
}

/** A `@task`. */
export interface TaskDeclaration {
  readonly member: PropertyKey;
  readonly name: string | undefined;
  /** Whether its result is the application's exit code. */
  readonly endsApplication: boolean;
  readonly site: Site;
}

/** The question that a health check answers: can the application do its work, or must its process be restarted? */
export type HealthPurpose = 'ready' | 'live';

/** A `@health`. */
export interface HealthDeclaration {
  readonly member: PropertyKey;
  readonly for: HealthPurpose;
  readonly critical: boolean | FromConfig;
  readonly timeoutMs: number;
  readonly site: Site;
}

/** An `@on` or `@onAll`. */
export interface HandlerDeclaration {
  readonly id: DeclaredIdentifier;
  readonly name: string | FromConfig | undefined;
  readonly all: boolean;
  readonly select: (resource: never, name: string) => unknown;
  readonly concurrency: number;
  readonly capacity: number | undefined;
  readonly overflow: Overflow | undefined;
  readonly onError: ((error: unknown, event: never) => unknown) | undefined;
  readonly member: PropertyKey;
  readonly site: Site;
}

/** A method that inversify calls after it creates an instance, or before it releases one. */
export interface LifecycleDeclaration {
  readonly decorator: '@postConstruct()' | '@preDestroy()';
  readonly member: PropertyKey;
}

/** A decorator that cannot work at its place. */
export interface Misuse {
  readonly decorator: string;
  readonly member: PropertyKey | undefined;
  readonly index?: number | undefined;
  /** Completes the headline of the error, such as `the runtime does not call this method`. */
  readonly reason: string;
  readonly help: string;
  readonly site: Site;
}

/** A parameter that has no `@inject` and for which the runtime has no value. */
export interface UndeclaredParameter {
  /** The method; undefined for the constructor. */
  readonly member: PropertyKey | undefined;
  readonly index: number;
  /** The place of a decorator near it. */
  readonly site: Site;
  /** The values that parameters of the method without `@inject` receive, in order. */
  readonly passed?: readonly string[];
  /** The value that it would receive, and its emitted type, which differs. */
  readonly receives?: string;
  readonly wants?: string;
  /** Whether the class has decorators of inversify. */
  readonly inversify?: true;
}

export interface Declarations {
  readonly component: { options: ComponentOptions; site: Site } | undefined;
  readonly needs: NeedDeclaration[];
  /** The keys in the `lookups` of `@component`. */
  readonly lookups: NeedDeclaration[];
  readonly providers: ProviderDeclaration[];
  readonly tasks: TaskDeclaration[];
  readonly handlers: HandlerDeclaration[];
  readonly healthChecks: HealthDeclaration[];
  readonly misuses: Misuse[];
  readonly lifecycle: LifecycleDeclaration[];
  /** Includes parameters of methods that the runtime calls. */
  readonly undeclared: UndeclaredParameter[];
  /** The hooks that the class implements. */
  readonly hooks: Hook[];
}

export type Hook = 'prepare' | 'start' | 'ready';
