/**
 * What inversify's own decorators say of a class, as declarations.
 *
 * They leave their records on the class, under keys of the Reflect API, and are read from there: nothing is loaded. A
 * class without such records is told from others at once, and whoever decorated one with them has loaded inversify.
 */
import type { LifecycleDeclaration, Misuse, NeedDeclaration } from './declarations.ts';

/** What inversify shares things under where it is no class. */
export type ForeignIdentifier = string | symbol;

export interface InversifyDeclarations {
  readonly needs: readonly NeedDeclaration[];
  readonly lifecycle: readonly LifecycleDeclaration[];
  readonly misuses: readonly Misuse[];
  /** Constructor parameters that have a decorator, or a type that the compiler emitted, and need nothing more. */
  readonly declared: ReadonlySet<number>;
}

type Class = abstract new (...args: never[]) => object;

/** The records of `@inversifyjs/core`, as far as they are read here. */
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

/** inversify keeps no place of its declarations. */
const noSite = {};

/** Whether inversify's `@injectable` stands on a class itself. */
export function isInjectable(type: object): boolean {
  return ownMetadata(injectableKey, type) === true;
}

/** How many instances of a class inversify is told to make, where it is told: `Singleton`, `Request`, `Transient`. */
export function scopeOf(type: object): string | undefined {
  return (ownMetadata(classKey, type) as ClassMetadata | undefined)?.scope;
}

/** What stands on the class alone; undefined where inversify says nothing of it. */
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
      // A name or a tag without an identifier; a constructor parameter is told of as one without a decorator.
      if (member !== undefined) misused('@named()', 'nothing is injected there', 'write @inject(…) beside it');
      return;
    }
    if (index !== undefined) this.declared.add(index);
    if (kind === kinds.unmanaged || value === undefined) return;
    if (tags && tags.size > 0) misused('@tagged()', 'resources have names and no tags', 'write @named(…) instead');
    if (typeof name === 'symbol') misused('@named()', 'the names of resources are texts', 'give a text as the name');
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

/** What a key of the Reflect API says of a class itself; undefined where nobody has loaded that. */
function ownMetadata(key: string, type: object): unknown {
  const { getOwnMetadata } = Reflect as { getOwnMetadata?: (key: string, target: object) => unknown };
  return getOwnMetadata?.(key, type);
}
