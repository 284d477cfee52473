/**
 * Finds the classes of components: what the configuration says, then what code says, then what the alias means. A
 * word is looked for among the types that components above name, then among those that installed packages offer.
 */
import { dirname } from 'node:path';
import { ChildDeclaration } from '../component/child.ts';
import type { ComponentClass } from '../component/component-class.ts';
import type { Declarations } from '../component/declarations.ts';
import { installedComponents, type InstalledComponent } from '../component/installed-components.ts';
import { isReference, loadReference, packageOf, ReferenceFault } from '../component/load-reference.ts';
import type { Site } from '../component/place.ts';
import type { ConfigView } from '../config/view.ts';
import type { Origin } from '../config/layers.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';
import { ComponentTypeError } from './problems.ts';

/** A component that has still to be added to the tree. */
export interface WantedComponent {
  readonly path: string;
  readonly alias: string;
  readonly parent: ComponentNode | undefined;
  readonly view: ConfigView;
  /** Whether code names the component, and not the configuration alone. */
  readonly inCode: boolean;
  /** What code says that it is, if code says anything. */
  readonly type: ComponentClass | undefined;
}

/** What names a type, and where it does so. */
interface Naming {
  readonly path: string;
  readonly origin?: Origin | undefined;
  /** Where code does, if it is code. */
  readonly site?: Site | undefined;
}

export class ComponentTypes {
  /** What is installed, by the folder from which it was looked for. */
  readonly #installed = new Map<string, Promise<InstalledComponent[]>>();

  /** A promise only where the class has to be looked for. */
  classOf(wanted: WantedComponent): ComponentClass | ComponentTypeError | Promise<ComponentClass | ComponentTypeError> {
    const { path, parent, view, inCode, type } = wanted;
    const said = view.section['type'] ?? undefined;
    if (said !== undefined || !inCode) return this.#classSaid(said, wanted);
    return checkClass(type, { path, site: parent?.declarations.component?.site });
  }

  async #classSaid(said: unknown, wanted: WantedComponent): Promise<ComponentClass | ComponentTypeError> {
    const { path, alias, parent, view } = wanted;
    if (said === undefined) {
      const [origin] = view.origins([]);
      if (parent) return await this.#named(alias.split('/')[0]!, wanted, { path, origin });
      const help = 'name its class: component: { type: ./app.ts:App }';
      return new ComponentTypeError({ path, summary: 'Nothing says what the root component is', origin, help });
    }
    const [origin] = view.origins(['type']);
    const naming = { path, origin };
    const found = await this.#classNamed(said, wanted, naming);
    // The text that a tag gives may be a secret, and messages about a reference quote all of it.
    if (origin?.tag === undefined || !(found instanceof ComponentTypeError)) return found;
    return new ComponentTypeError({
      ...naming,
      summary: `Cannot find the component type that ${origin.tag} names`,
      help: [
        'check its value: a known type, or a module and its export such as ./file.ts:TheComponent',
        'to see why, write the type itself into the configuration',
      ],
    });
  }

  async #classNamed(
    said: unknown,
    wanted: WantedComponent,
    naming: Naming,
  ): Promise<ComponentClass | ComponentTypeError> {
    const { view } = wanted;
    const { origin } = naming;
    if (typeof said !== 'string') return checkClass(said, naming);
    if (!isReference(said)) return await this.#named(said, wanted, naming);
    const found = await loadReference(said, origin?.file === undefined ? view.cwd : dirname(origin.file), view.cwd);
    if (!(found instanceof ReferenceFault)) return checkClass(found, naming, said);
    const offered = (await this.#installedFor(view)).filter(({ packageName }) => packageName === packageOf(said));
    return cannotLoad(said, found, naming, offered);
  }

  /** @param said - `type`, or `type/name`, of which the name is no matter; what begins with `@` names a package */
  async #named(
    said: string,
    { parent, view }: WantedComponent,
    naming: Naming,
  ): Promise<ComponentClass | ComponentTypeError> {
    const word = said.startsWith('@') ? said : said.split('/')[0]!;
    const known = typesKnownTo(parent);
    const inCode = known.get(word);
    if (inCode) return inCode;
    const installed = await this.#installedFor(view);
    const [offer, ...others] = installed.filter(({ type }) => type === word);
    if (!offer) return unknownType(word, [...known.keys()], installed, naming);
    if (others.length > 0) return severalOffers(word, [offer, ...others], naming);
    const found = await loadReference(offer.reference, offer.folder);
    return found instanceof ReferenceFault
      ? cannotLoad(offer.reference, found, naming)
      : checkClass(found, naming, offer.reference);
  }

  /** Looked for from the file that has a section for the component, then from the working folder. */
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

/** The types that components name for their children, from a component upwards; the nearest of a name counts. */
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
  for (const [alias, said] of Object.entries(components)) {
    yield [alias.split('/')[0]!, said instanceof ChildDeclaration ? said.type : said];
  }
}

function checkClass(type: unknown, naming: Naming, named?: string): ComponentClass | ComponentTypeError {
  if (typeof type === 'function' && typeof type.prototype === 'object') return type as ComponentClass;
  return new ComponentTypeError({
    ...naming,
    summary: `${named === undefined ? 'The type' : `"${named}"`} is ${type === undefined ? 'undefined' : `a ${typeof type}`} and no component class`,
    help:
      type === undefined
        ? 'modules that import each other may see undefined while they load; import it elsewhere'
        : 'give a class',
  });
}

function cannotLoad(
  reference: string,
  { why, help, cause }: ReferenceFault,
  naming: Naming,
  offered: readonly InstalledComponent[] = [],
): ComponentTypeError {
  return new ComponentTypeError({
    ...naming,
    summary: `Cannot load the component type "${reference}": ${why}`,
    help: [help, ...offered.map(useOffer)].flat(),
    cause,
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
  const help =
    ofPackage.length > 0
      ? ofPackage.map(useOffer)
      : near === undefined
        ? [`use one of the known types: ${typeList(known, installed)}`]
        : [
            `did you mean \`${near}\`${offerText(installed.find(({ type }) => type === near && !known.includes(type)))}?`,
          ];
  return new ComponentTypeError({
    ...naming,
    summary: `There is no component type named "${word}"`,
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

function typeList(known: readonly string[], installed: readonly InstalledComponent[]): string {
  const names = [
    ...known.map((name) => `\`${name}\``),
    ...installed.map(({ type, packageName }) => `\`${type}\` (of ${packageName})`),
  ];
  return names.length === 0 ? '(none)' : names.join(', ');
}

function offerText(offer: InstalledComponent | undefined): string {
  return offer ? `, which the package ${offer.packageName} offers` : '';
}

function useOffer({ type, packageName }: InstalledComponent): string {
  return `use the type that the package ${packageName} offers: type: ${type}`;
}
