/**
 * Finds the class of a component: the configuration takes precedence over code, and code over the alias. A type name is
 * looked up among the types that ancestors declare, then among those of installed packages.
 */
import { dirname } from 'node:path';
import { type ComponentClass, ChildDeclaration } from '../component/component-options.ts';
import type { BundledType } from '../config/bundled-modules.ts';
import type { Declarations } from '../component/declaration-types.ts';
import { installedComponents, type InstalledComponent } from './installed-components.ts';
import { isReference, loadReference, packageOf, ReferenceFault, referencesInFile } from './load-reference.ts';
import type { Site } from '../component/place.ts';
import { copiesDetails, copiesHelp, otherCopy } from '../errors/copies.ts';
import type { ConfigView } from '../config/view.ts';
import type { Origin } from '../config/layers.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';
import { ComponentTypeError } from './errors.ts';

/** A component that is not in the tree yet. */
export interface WantedComponent {
  readonly path: string;
  readonly alias: string;
  readonly parent: ComponentNode | undefined;
  readonly view: ConfigView;
  /** Whether code declares the component. */
  readonly inCode: boolean;
  /** The class that code declares, if any. */
  readonly type: ComponentClass | undefined;
}

/** The component whose type is named, and the location of the name. */
interface Naming {
  readonly path: string;
  readonly origin?: Origin | undefined;
  /** Location in code, if code names the type. */
  readonly site?: Site | undefined;
}

export class ComponentTypes {
  /** Installed component types by the folder where the search started. */
  readonly #installed = new Map<string, Promise<InstalledComponent[]>>();

  /** Returns the class of a component if code declares it, without loading a module. */
  static knownClassOf({ alias, parent, view, inCode, type }: WantedComponent): ComponentClass | undefined {
    const configured = view.section['type'] ?? undefined;
    if (configured === undefined && inCode) return type;
    if (typeof configured === 'function') return configured as ComponentClass;
    const word = typeof configured === 'string' ? configured : alias;
    return typesKnownTo(parent).get(word.split('/')[0]!);
  }

  /** Returns the class of a component; a promise only if the type has to be looked up or loaded. */
  classOf(wanted: WantedComponent): ComponentClass | ComponentTypeError | Promise<ComponentClass | ComponentTypeError> {
    const { path, parent, view, inCode, type } = wanted;
    const configured = view.section['type'] ?? undefined;
    if (configured !== undefined || !inCode) return this.#configuredClass(configured, wanted);
    return checkClass(type, { path, site: parent?.declarations.component?.site });
  }

  async #configuredClass(configured: unknown, wanted: WantedComponent): Promise<ComponentClass | ComponentTypeError> {
    const { path, alias, parent, view } = wanted;
    if (configured === undefined) {
      const [origin] = view.origins([]);
      if (parent) return await this.#named(alias.split('/')[0]!, wanted, { path, origin });
      const help = 'set its type: component: { type: ./app.ts:App }';
      return new ComponentTypeError({ path, summary: 'The root component has no type', origin, help });
    }
    const [origin] = view.origins(['type']);
    const naming = { path, origin };
    const found = await this.#classNamed(configured, wanted, naming);
    // The value of a tag may be a secret, and messages about a reference quote the whole text.
    if (origin?.tag === undefined || !(found instanceof ComponentTypeError)) return found;
    return new ComponentTypeError({
      ...naming,
      summary: `Cannot find the component type that ${origin.tag} specifies`,
      help: [
        'check its value: it must be a known type, or a module and its export such as ./file.ts:TheComponent',
        'write the type directly in the configuration to see the exact reason',
      ],
    });
  }

  async #classNamed(
    type: unknown,
    wanted: WantedComponent,
    naming: Naming,
  ): Promise<ComponentClass | ComponentTypeError> {
    const { view } = wanted;
    const { origin } = naming;
    if (typeof type !== 'string') return checkClass(type, naming);
    const folder = origin?.file === undefined ? view.cwd : dirname(origin.file);
    const meant = referencesInFile(type, folder);
    if (meant) return withoutExport(type, meant, naming);
    if (!isReference(type)) return await this.#named(type, wanted, naming);
    const found = await loadReference(type, folder, view.cwd, view.bundled);
    if (!(found instanceof ReferenceFault)) return checkClass(found, naming, type);
    const offered = (await this.#installedFor(view)).filter(({ packageName }) => packageName === packageOf(type));
    return cannotLoad(type, found, naming, offered);
  }

  /** @param text - `type` or `type/name`; the name is ignored. A text with `@` at the start is a package name */
  async #named(
    text: string,
    { parent, view }: WantedComponent,
    naming: Naming,
  ): Promise<ComponentClass | ComponentTypeError> {
    const word = text.startsWith('@') ? text : text.split('/')[0]!;
    const known = typesKnownTo(parent);
    const inCode = known.get(word);
    if (inCode) return inCode;
    const inBundle = view.bundled?.types.find(({ type }) => type === word);
    const installed = inBundle ? [installedIn(inBundle, view.cwd)] : await this.#installedFor(view);
    const [offer, ...others] = installed.filter(({ type }) => type === word);
    if (!offer) return unknownType(word, [...known.keys()], installed, naming);
    if (others.length > 0) return severalOffers(word, [offer, ...others], naming);
    const found = await loadReference(offer.reference, offer.folder, offer.folder, view.bundled);
    return found instanceof ReferenceFault
      ? cannotLoad(offer.reference, found, naming)
      : checkClass(found, naming, offer.reference);
  }

  /** Returns the names of the types that a component may have, without loading a module. */
  async namesFor({ parent, view }: WantedComponent): Promise<string[]> {
    return [...typesKnownTo(parent).keys(), ...(await this.#installedFor(view)).map(({ type }) => type)];
  }

  /** Finds the installed type of a name. @returns undefined if none or several packages offer it */
  async installedType(word: string, view: ConfigView): Promise<InstalledComponent | undefined> {
    const offers = (await this.#installedFor(view)).filter(({ type }) => type === word);
    return offers.length === 1 ? offers[0] : undefined;
  }

  /** Returns the installed types, searched from the file of the component's section, then from the working folder. */
  async #installedFor(view: ConfigView): Promise<InstalledComponent[]> {
    const file = view.origins([]).find((origin) => origin.file !== undefined)?.file;
    const folders = new Set(file === undefined ? [view.cwd] : [dirname(file), view.cwd]);
    const all: InstalledComponent[] = [];
    for (const folder of folders) {
      const found = this.#installed.get(folder) ?? installedComponents(folder);
      this.#installed.set(folder, found);
      const packages = new Set(all.map(({ packageName }) => packageName));
      all.push(...(await found).filter(({ packageName }) => !packages.has(packageName)));
    }
    return all;
  }
}

function installedIn({ type, reference, packageName }: BundledType, folder: string): InstalledComponent {
  return { type, reference, packageName, version: undefined, description: undefined, folder };
}

/** Returns the types that a component and its ancestors declare for their children. The nearest declaration wins. */
export function typesKnownTo(component: ComponentNode | undefined): Map<string, ComponentClass> {
  const known = new Map<string, ComponentClass>();
  for (let at = component; at; at = at.parent) {
    for (const [word, type] of typesNamedBy(at.declarations)) if (!known.has(word)) known.set(word, type);
  }
  return known;
}

function* typesNamedBy({ component }: Declarations): Iterable<[string, ComponentClass]> {
  const { types = {}, components = {} } = component?.options ?? {};
  yield* Object.entries(types);
  if (typeof components === 'function') return;
  for (const [alias, child] of Object.entries(components)) {
    yield [alias.split('/')[0]!, child instanceof ChildDeclaration ? child.type : child];
  }
}

function checkClass(type: unknown, naming: Naming, named?: string): ComponentClass | ComponentTypeError {
  if (typeof type === 'function' && typeof type.prototype === 'object') {
    const other = otherCopy(type.prototype as object);
    if (other === undefined) return type as ComponentClass;
    return new ComponentTypeError({
      ...naming,
      summary: `\`${type.name}\` is a component of another installed copy of @asphalt/core`,
      details: copiesDetails(other),
      help: copiesHelp,
    });
  }
  const kind = type === undefined ? 'undefined' : typeof type === 'object' ? 'an object' : `a ${typeof type}`;
  return new ComponentTypeError({
    ...naming,
    summary: `${named === undefined ? 'The type' : `"${named}"`} is ${kind}, not a component class`,
    help:
      type === undefined
        ? 'import it from another module; it is undefined while modules that import each other load'
        : typeof type === 'function'
          ? 'use a component class; a class decorator without parentheses replaces its class by a function'
          : 'use a component class',
  });
}

function cannotLoad(
  reference: string,
  { why, help, cause, details }: ReferenceFault,
  naming: Naming,
  offered: readonly InstalledComponent[] = [],
): ComponentTypeError {
  return new ComponentTypeError({
    ...naming,
    summary: `Cannot load the component type "${reference}": ${why}`,
    details,
    help: [help, ...offered.map(useOffer)].flat(),
    cause,
  });
}

function withoutExport(file: string, meant: readonly string[], naming: Naming): ComponentTypeError {
  return new ComponentTypeError({
    ...naming,
    summary: `"${file}" names a file, but not which of its exports is the component`,
    help:
      meant.length > 0 ? meant.map((reference) => `type: ${reference}`) : `add the export: type: ${file}:TheComponent`,
  });
}

function unknownType(
  word: string,
  known: readonly string[],
  installed: readonly InstalledComponent[],
  naming: Naming,
): ComponentTypeError {
  const [near] = nearMisses(word, [...known, ...installed.map(({ type }) => type)]);
  const ofPackage = installed.filter(({ packageName }) => packageName === word);
  const nearOffer = installed.find(({ type }) => type === near && !known.includes(type));
  const help =
    ofPackage.length > 0
      ? ofPackage.map(useOffer)
      : near === undefined
        ? knownTypes(known, installed)
        : [`did you mean \`${near}\`${offerText(nearOffer)}?`];
  return new ComponentTypeError({
    ...naming,
    summary: `Unknown component type "${word}"`,
    help: [...help, 'name a module and its export: type: ./file.ts:TheComponent'],
  });
}

function severalOffers(word: string, offers: readonly InstalledComponent[], naming: Naming): ComponentTypeError {
  const names = offers.map(({ packageName }) => packageName).join(', ');
  return new ComponentTypeError({
    ...naming,
    summary: `Several packages offer the component type "${word}": ${names}`,
    help: offers.map(({ reference }) => `name the package: type: '${reference}'`),
  });
}

function knownTypes(known: readonly string[], installed: readonly InstalledComponent[]): string[] {
  const names = [
    ...known.map((name) => `\`${name}\``),
    ...installed.map(({ type, packageName }) => `\`${type}\` (from ${packageName})`),
  ];
  return names.length === 0 ? [] : [`use a known type: ${names.join(', ')}`];
}

function offerText(offer: InstalledComponent | undefined): string {
  return offer ? ` from package ${offer.packageName}` : '';
}

function useOffer({ type, packageName }: InstalledComponent): string {
  return `use the component type of package ${packageName}: type: ${type}`;
}
