/** The problems of a graph. Each one is an error; a plan reports all of them together. */
import { placeOf, placeText, type Site } from '../component/place.ts';
import { placeInFile, type Origin } from '../config/layers.ts';
import { identifierName, keyText, Token, type Key } from '../context/key.ts';
import { providerHint } from '../component/provided-by.ts';
import { AsphaltError, render, type Explanation } from '../errors/asphalt-error.ts';
import { ComponentNode, componentText } from './component-node.ts';
import type { DisabledComponent } from './disabled-components.ts';
import type { Provider } from './plan.ts';
import { memberText, where } from './problem-text.ts';

/** The subject of a problem as data for tools; the message contains the same facts. */
export interface ProblemSubject {
  /** The component's path; empty for the root. */
  readonly component: string;
  /** The name of its class; absent if the class was not found. */
  readonly type?: string;
  readonly member?: string;
  readonly key?: Key;
}

/** A problem of the graph that concerns one component. */
export abstract class GraphProblem extends AsphaltError {
  constructor(
    readonly subject: ProblemSubject,
    explanation: Explanation,
    options?: ErrorOptions,
  ) {
    super(explanation, options);
  }
}

/** An identifier with a similar name, and the component that provides it. */
export interface SimilarName {
  readonly name: string;
  readonly node: ComponentNode;
}

/** Our decorator of the need, those of inversify, or the `lookups` of `@component`. */
type DeclaredBy = '@inject' | 'inversify' | 'lookups';

/** Reported when no component provides a resource that a component needs. */
export class MissingProviderError extends GraphProblem {
  readonly code = 'ERR_PROVIDER_MISSING';

  /** @internal */
  constructor(
    readonly key: Key,
    options: {
      node: ComponentNode;
      member: string;
      site: Site;
      /** Components that provide the same identifier under other names. */
      otherNames: ReadonlyArray<{ name: string; node: ComponentNode }>;
      /** Provided identifiers with similar names. */
      similar: readonly SimilarName[];
      declaredBy: DeclaredBy;
      /** Disabled components that would provide the key. */
      disabled: readonly DisabledComponent[];
    },
  ) {
    const id = identifierName(key.id);
    const notes = [
      ...options.disabled.map(
        ({ path, from }) =>
          `component \`${path}\`, which provides it, is disabled${from === undefined ? '' : ` (${from})`}`,
      ),
      ...options.otherNames.map(
        ({ name, node }) => `a \`${id}\` named "${name}" is provided by ${componentText(node)}`,
      ),
      ...options.similar
        .filter(({ name }) => name === id)
        .map(({ node }) => `${componentText(node)} provides another class with the same name, \`${id}\``),
    ];
    const isTwin = options.similar.some(({ name }) => name === id);
    const subject = { component: options.node.path, type: options.node.type.name, member: options.member, key };
    super(subject, {
      summary: `No component provides \`${id}\`${key.name === 'default' ? '' : ` named "${key.name}"`}`,
      details: [
        ...where(options.node, options.member, options.site),
        ['note', notes.length > 0 ? notes.join('\n') : undefined],
      ],
      place: ComponentNode.placeOf(options.node, options.site),
      help: [
        ...options.disabled.map(({ path }) => `enable component \`${path}\`: set its \`enabled\` to true`),
        ...(isTwin
          ? [`import \`${id}\` from one module; \`asphalt doctor\` finds packages that are installed twice`]
          : []),
        ...options.similar.filter(({ name }) => name !== id).map(didYouMean),
        ...missingHelp(key, options.otherNames[0]?.name, options.declaredBy),
      ],
    });
  }
}

function didYouMean({ name, node }: SimilarName): string {
  const provider = componentText(node);
  return `did you mean \`${name}\`? ${provider[0]!.toUpperCase()}${provider.slice(1)} provides it`;
}

function missingHelp({ id, name }: Key, otherName: string | undefined, declaredBy: DeclaredBy): string[] {
  const text = identifierName(id);
  const home = providerHint(id);
  if (otherName !== undefined) {
    return [
      `ask for it by name: ${namedText(text, otherName, declaredBy)}`,
      `add a component that provides a \`${text}\` named "${name}"`,
    ];
  }
  if (home !== undefined) {
    return [
      `add ${home} to \`components\`${name === 'default' ? '' : `, under an alias that ends in \`/${name}\``}`,
      optionalHelp(text, declaredBy),
    ];
  }
  return [
    declaredBy === 'inversify' && id instanceof Token
      ? 'add a component that provides a token created with this symbol or string: @provides(token(…))'
      : `add a component that provides it with a @provides(${text}) method`,
    optionalHelp(text, declaredBy),
  ];
}

function namedText(id: string, name: string, declaredBy: DeclaredBy): string {
  if (declaredBy === 'inversify') return `@named('${name}')`;
  return declaredBy === 'lookups' ? `{ id: ${id}, name: '${name}' }` : `@inject(${id}, '${name}')`;
}

function optionalHelp(id: string, declaredBy: DeclaredBy): string {
  if (declaredBy === 'lookups') return `make the lookup optional: { id: ${id}, optional: true }`;
  return `make the need optional: ${declaredBy === 'inversify' ? 'add @optional() next to @inject()' : `@inject(${id}, { optional: true })`}`;
}

/** Reported when two providers have the same key, or when a component provides a key of the runtime. */
export class DuplicateProviderError extends GraphProblem {
  readonly code = 'ERR_PROVIDER_DUPLICATE';

  /** @param first - undefined if the runtime provides the key */
  constructor(
    readonly key: Key,
    first: Provider | undefined,
    again: Provider,
  ) {
    const describe = ({ node, declaration: { member, site } }: Provider): string =>
      [`${componentText(node)}, ${memberText(member, undefined)}`, placeText(ComponentNode.placeOf(node, site))]
        .filter((part) => part !== undefined)
        .join(', at ');
    const { node, declaration } = again;
    const member = memberText(declaration.member, undefined);
    super(
      { component: node.path, type: node.type.name, member, key },
      {
        summary: `Two providers provide \`${identifierName(key.id)}\` named "${key.name}"`,
        details: [
          ['first', first ? describe(first) : 'the runtime itself, before anything starts'],
          ['again', describe(again)],
          ['note', 'an application has one resource per type and name'],
        ],
        help: duplicateHelp(identifierName(key.id), first, again),
        place: ComponentNode.placeOf(node, declaration.site),
      },
    );
  }
}

function duplicateHelp(
  id: string,
  first: Provider | undefined,
  { node, declaration }: Provider,
): string | readonly string[] {
  const another = `@provides(${id}, { name: 'other' })`;
  if (!first) return [`remove this provider and inject \`${id}\``, `choose another name: ${another}`];
  if (first.node === node) return `name one of them: ${another}`;
  if (declaration.name !== undefined) {
    return `remove the name from @provides(${id}) and name each component in its alias, such as \`type/second\``;
  }
  return `name the second one in its alias: \`${node.alias.split('/')[0]}/second\``;
}

/** Reported when an application-scoped place needs a context-scoped resource. */
export class ScopeError extends GraphProblem {
  readonly code = 'ERR_PROVIDER_SCOPE';

  constructor(
    readonly key: Key,
    node: ComponentNode,
    member: string,
    site: Site,
    provider: ComponentNode,
  ) {
    super(
      { component: node.path, type: node.type.name, member, key },
      {
        summary: `\`${keyText(key)}\` is context-scoped and cannot be injected for the lifetime of the application`,
        details: [...where(node, member, site), ['note', `${componentText(provider)} provides one per context`]],
        place: ComponentNode.placeOf(node, site),
        help: [
          'inject it into an @on handler, a @task or another factory; each of them has its own context',
          `look it up in a context: await context.getResource(${identifierName(key.id)})`,
        ],
      },
    );
  }
}

/** Reported when the class of a component cannot be determined or its children cannot be added. */
export class ComponentTypeError extends GraphProblem {
  readonly code = 'ERR_COMPONENT_TYPE';

  constructor(options: {
    path: string;
    summary: string;
    /** Location in the configuration. */
    origin?: Origin | undefined;
    /** Location in code. */
    site?: Site | undefined;
    /** Further lines of the message. */
    details?: Explanation['details'];
    help: string | readonly string[];
    cause?: unknown;
  }) {
    super(
      { component: options.path },
      {
        summary: options.summary,
        details: [
          ['in', options.path === '' ? 'the root component' : `component \`${options.path}\``],
          ['from', options.origin?.text],
          ['declared at', placeText(placeOf(options.site))],
          ...(options.details ?? []),
        ],
        help: options.help,
        place: (options.origin && placeInFile(options.origin)) ?? placeOf(options.site),
      },
      options.cause === undefined ? undefined : { cause: options.cause },
    );
  }
}

/** Raised before anything starts if the plan has problems; `errors` contains each of them. */
export class PlanError extends AsphaltError {
  /** `ERR_PLAN`, or the code of the only problem. */
  readonly code: string;

  constructor(readonly errors: readonly AsphaltError[]) {
    const [only] = errors;
    super(
      errors.length === 1 && only
        ? only.explanation
        : {
            summary: `The application cannot start: ${errors.length} problems`,
            details: errors.map((error, index) => [`${index + 1}.`, render(error.explanation, error.code)] as const),
          },
      { cause: only },
    );
    this.code = errors.length === 1 && only ? only.code : 'ERR_PLAN';
  }
}
