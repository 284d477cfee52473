/**
 * Reads the records of inversify's own decorators as declarations.
 *
 * The decorators store their records on the class under keys of the Reflect API. This module reads them there and must
 * not import inversify: a class can have such records only if the application has loaded it.
 */
import type { LifecycleDeclaration, Misuse, NeedDeclaration } from './declaration-types.ts';

export interface InversifyDeclarations {
  readonly needs: readonly NeedDeclaration[];
  readonly lifecycle: readonly LifecycleDeclaration[];
  readonly misuses: readonly Misuse[];
  /** Constructor parameters that have a decorator or a type that the compiler emitted. */
  readonly declared: ReadonlySet<number>;
}

type Class = abstract new (...args: never[]) => object;

/** The fields of the records of `@inversifyjs/core` that this module reads. */
interface ClassMetadata {
  readonly constructorArguments: ReadonlyArray<ElementMetadata | undefined>;
  readonly properties: ReadonlyMap<string | symbol, ElementMetadata>;
  readonly lifecycle: {
    readonly postConstructMethodNames: Iterable<string | symbol>;
    readonly preDestroyMethodNames: Iterable<string | symbol>;
  };
  readonly scope: string | undefined;
}

interface ElementMetadata {
  readonly kind: number;
  readonly name?: string | number | symbol | undefined;
  readonly optional?: boolean;
  readonly tags?: ReadonlyMap<unknown, unknown>;
  readonly value?: NeedDeclaration['id'];
  readonly isFromTypescriptParamType?: boolean;
}

const kinds = { all: 0, one: 1, unmanaged: 2 } as const;

const classKey = '@inversifyjs/core/classMetadataReflectKey';
const injectableKey = '@inversifyjs/core/classIsInjectableFlagReflectKey';

/** inversify does not record where its decorators are. */
const noSite = {};

/** Returns whether the class itself has inversify's `@injectable`. */
export function isInjectable(type: object): boolean {
  return ownMetadata(injectableKey, type) === true;
}

/** Returns the scope in inversify's `@injectable`, if any: `Singleton`, `Request` or `Transient`. */
export function scopeOf(type: object): string | undefined {
  return (ownMetadata(classKey, type) as ClassMetadata | undefined)?.scope;
}

/** Returns the declarations of the class itself, or undefined if it has no decorators of inversify. */
export function inversifyDeclarations(type: Class): InversifyDeclarations | undefined {
  const metadata = ownMetadata(classKey, type) as ClassMetadata | undefined;
  if (!metadata) return isInjectable(type) ? empty : undefined;
  const reader = new ElementReader();
  metadata.constructorArguments.forEach((element, index) => {
    if (element) reader.read(element, undefined, index);
  });
  for (const [member, element] of metadata.properties) reader.read(element, member, undefined);
  const { postConstructMethodNames, preDestroyMethodNames } = metadata.lifecycle;
  const lifecycle = [
    ...Array.from(postConstructMethodNames, (member) => ({ decorator: '@postConstruct()', member }) as const),
    ...Array.from(preDestroyMethodNames, (member) => ({ decorator: '@preDestroy()', member }) as const),
  ];
  return { needs: reader.needs, misuses: reader.misuses, declared: reader.declared, lifecycle };
}

const empty: InversifyDeclarations = { needs: [], lifecycle: [], misuses: [], declared: new Set() };

class ElementReader {
  readonly needs: NeedDeclaration[] = [];
  readonly misuses: Misuse[] = [];
  readonly declared = new Set<number>();

  read(
    { kind, value, name, optional = false, tags, isFromTypescriptParamType = false }: ElementMetadata,
    member: PropertyKey | undefined,
    index: number | undefined,
  ): void {
    const misused = (decorator: string, reason: string, help: string): void =>
      void this.misuses.push({ decorator, member, index, reason, help, site: noSite });
    if (kind !== kinds.all && kind !== kinds.one && kind !== kinds.unmanaged) {
      // A name or a tag without an identifier. A constructor parameter is reported as one without a decorator.
      if (member !== undefined) misused('@named()', 'nothing is injected there', 'add @inject(…) next to it');
      return;
    }
    if (index !== undefined) this.declared.add(index);
    if (kind === kinds.unmanaged || value === undefined) return;
    if (tags && tags.size > 0) misused('@tagged()', 'resources have names but no tags', 'use @named(…) instead');
    if (typeof name === 'symbol') misused('@named()', 'a resource name must be a string', 'use a string as the name');
    this.needs.push({
      id: value,
      name: name === undefined || typeof name === 'symbol' ? undefined : String(name),
      optional,
      deferred: false,
      all: kind === kinds.all && 'list',
      member,
      index,
      site: noSite,
      inversify: isFromTypescriptParamType ? 'emitted' : 'decorated',
    });
  }
}

/** Returns the metadata of the class itself under a key, or undefined if the Reflect API is not loaded. */
function ownMetadata(key: string, type: object): unknown {
  const { getOwnMetadata } = Reflect as { getOwnMetadata?: (key: string, target: object) => unknown };
  return getOwnMetadata?.(key, type);
}
