/** What can be wrong with a graph. Each problem is an error of its own; a plan reports all of them together. */
import { placeOf, placeText, type Site } from '../component/place.ts';
import { placeInFile, type Origin } from '../config/layers.ts';
import { identifierName, keyText, Token, type Key } from '../context/key.ts';
import { providerHint } from '../component/provided-by.ts';
import { AsphaltError, render, type Explanation } from '../errors/asphalt-error.ts';
import { componentText, componentTrail, type ComponentNode } from './component-node.ts';
import type { Provider } from './plan.ts';

/** A member of a component as messages call it. */
export function memberText(member: PropertyKey | undefined, index: number | undefined): string {
  if (member === undefined) return index === undefined ? 'the class' : `constructor parameter ${index + 1}`;
  return index === undefined ? `\`${String(member)}\`` : `\`${String(member)}()\` parameter ${index + 1}`;
}

/** The place that a declaration stands at as messages call it: in the class where the user wrote it. */
export function slotText({ member, index, declaredFor }: Slot): string {
  return declaredFor ? memberText(declaredFor.member, declaredFor.index) : memberText(member, index);
}

interface Slot {
  readonly member: PropertyKey | undefined;
  readonly index?: number | undefined;
  readonly declaredFor?: Omit<Slot, 'declaredFor'> | undefined;
}

/** The lines that tell where a problem stands. */
function where(
  node: ComponentNode,
  member: string,
  site: Site | undefined,
): Array<readonly [string, string | undefined]> {
  return [
    ['required by', `${componentText(node)}, ${member}`],
    ['path', node.path === '' ? undefined : componentTrail(node)],
    ['declared at', placeText(placeOf(site))],
  ];
}

/** What a problem is about, for tools; its message says the same in words. */
export interface ProblemSubject {
  /** The component's path; empty for the root. */
  readonly component: string;
  /** The name of its class; absent where that could not be found. */
  readonly type?: string;
  readonly member?: string;
  readonly key?: Key;
}

/** One thing that is wrong with a graph. */
export abstract class GraphProblem extends AsphaltError {
  constructor(
    readonly subject: ProblemSubject,
    explanation: Explanation,
    options?: ErrorOptions,
  ) {
    super(explanation, options);
  }
}

/** Nobody provides what a component needs. */
export class MissingProviderError extends GraphProblem {
  readonly code = 'ERR_PROVIDER_MISSING';

  constructor(
    readonly key: Key,
    options: {
      node: ComponentNode;
      member: string;
      site: Site;
      /** Components that provide the same identifier under other names. */
      otherNames: ReadonlyArray<{ name: string; node: ComponentNode }>;
      /** Provided identifiers that are spelt alike. */
      similar: readonly string[];
      /** Whether inversify's decorators declare the need. */
      inversify: boolean;
    },
  ) {
    const id = identifierName(key.id);
    const [other] = options.otherNames;
    const note = other
      ? options.otherNames
          .map(({ name, node }) => `a \`${id}\` named "${name}" is provided by ${componentText(node)}`)
          .join('\n')
      : options.similar.length > 0
        ? `there is a provider of ${options.similar.map((name) => (name === id ? `another class of the same name, \`${name}\`` : `\`${name}\``)).join(', ')}`
        : undefined;
    const home = providerHint(key.id);
    const subject = { component: options.node.path, type: options.node.type.name, member: options.member, key };
    super(subject, {
      summary: `No component provides \`${id}\`${key.name === 'default' ? '' : ` named "${key.name}"`}`,
      details: [...where(options.node, options.member, options.site), ['note', note]],
      place: placeOf(options.site),
      help: missingHelp(key, other?.name, home, options.inversify),
    });
  }
}

function missingHelp(
  { id, name }: Key,
  otherName: string | undefined,
  home: string | undefined,
  inversify: boolean,
): string[] {
  const text = identifierName(id);
  if (otherName !== undefined) {
    return [
      `ask for it by name: ${inversify ? `@named('${otherName}')` : `@inject(${text}, '${otherName}')`}`,
      `add a component that provides a \`${text}\` named "${name}"`,
    ];
  }
  if (home !== undefined) {
    return [
      `add ${home} to \`components\`${name === 'default' ? '' : `, under an alias that ends in \`/${name}\``}`,
      `make the need optional: ${inversify ? '@optional() beside it' : `@inject(${text}, { optional: true })`}`,
    ];
  }
  return [
    inversify && id instanceof Token
      ? 'add a component that provides a token made with this symbol or text: @provides(token(…))'
      : `add a component that provides it, by a method with @provides(${text})`,
    `make the need optional: ${inversify ? '@optional() beside it' : `@inject(${text}, { optional: true })`}`,
  ];
}

/** Two components provide the same key, or one provides what the runtime gives by itself. */
export class DuplicateProviderError extends GraphProblem {
  readonly code = 'ERR_PROVIDER_DUPLICATE';

  /** @param first - undefined where the runtime gives the key */
  constructor(
    readonly key: Key,
    first: Provider | undefined,
    again: Provider,
  ) {
    const told = ({ node, declaration: { member, site } }: Provider): string =>
      [`${componentText(node)}, ${memberText(member, undefined)}`, placeText(placeOf(site))]
        .filter((part) => part !== undefined)
        .join(', at ');
    const { node, declaration } = again;
    const member = memberText(declaration.member, undefined);
    super(
      { component: node.path, type: node.type.name, member, key },
      {
        summary: `Two providers give \`${identifierName(key.id)}\` named "${key.name}"`,
        details: [
          ['first', first ? told(first) : 'the runtime itself, before anything starts'],
          ['again', told(again)],
          ['note', 'an application holds one resource per type and name'],
        ],
        help: duplicateHelp(identifierName(key.id), first, again),
        place: placeOf(declaration.site),
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
  if (!first) return [`inject \`${id}\` where it is needed`, `give yours another name: ${another}`];
  if (first.node === node) return `name one of them: ${another}`;
  if (declaration.name !== undefined) {
    return `leave the name out of @provides(${id}), so that each component's alias gives it, such as \`type/second\``;
  }
  return `give the second component a name in its alias, such as \`${node.alias.split('/')[0]}/second\``;
}

/** A resource that lives as long as the application needs one that lives as long as a context. */
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
        summary: `\`${keyText(key)}\` exists once per context and cannot be injected where the whole application shares it`,
        details: [...where(node, member, site), ['note', `it is made for each context by ${componentText(provider)}`]],
        place: placeOf(site),
        help: [
          'inject it into an @on handler, a @task or another factory, which have a context of their own',
          `look it up in a context: await context.getResource(${identifierName(key.id)})`,
        ],
      },
    );
  }
}

/** A decorator stands where it means nothing. */
export class DecoratorError extends GraphProblem {
  readonly code = 'ERR_DECORATOR';

  constructor(decorator: string, node: ComponentNode, member: string, reason: string, help: string, site: Site) {
    super(
      { component: node.path, type: node.type.name, member },
      {
        summary: `${decorator} on ${member} of ${node.type.name} has no effect`,
        details: [
          ['component', componentText(node)],
          ['declared at', placeText(placeOf(site))],
          ['note', reason],
        ],
        help,
        place: placeOf(site),
      },
    );
  }
}

/** Nothing says what a constructor parameter of a class of inversify gets. */
export class UndeclaredParameterError extends GraphProblem {
  readonly code = 'ERR_PARAMETER_UNDECLARED';

  constructor(
    node: ComponentNode,
    readonly index: number,
  ) {
    const member = memberText(undefined, index);
    super(
      { component: node.path, type: node.type.name, member },
      {
        summary: `Nothing says what ${member} of ${node.type.name} gets`,
        details: [
          ['required by', componentText(node)],
          ['path', node.path === '' ? undefined : componentTrail(node)],
          ['note', 'its type alone is not enough: not every compiler emits it, and none emits that of an interface'],
        ],
        help: ["write inversify's @inject(…) before it", 'write @unmanaged() before it, where it has a default value'],
      },
    );
  }
}

/** A child cannot be made of what its alias or `type` names. */
export class ComponentTypeError extends GraphProblem {
  readonly code = 'ERR_COMPONENT_TYPE';

  constructor(options: {
    path: string;
    summary: string;
    /** Where the configuration says the type. */
    origin?: Origin | undefined;
    /** Where code does. */
    site?: Site | undefined;
    help: string | readonly string[];
    cause?: unknown;
  }) {
    super(
      { component: options.path },
      {
        summary: options.summary,
        details: [
          ['component', options.path === '' ? 'the root component' : `\`${options.path}\``],
          ['from', options.origin?.text],
          ['declared at', placeText(placeOf(options.site))],
        ],
        help: options.help,
        place: (options.origin && placeInFile(options.origin)) ?? placeOf(options.site),
      },
      options.cause === undefined ? undefined : { cause: options.cause },
    );
  }
}

/** Raised before anything starts, with everything that is wrong; `errors` holds each problem. */
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
