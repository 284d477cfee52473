/** The problems of a component's own declarations: decorators that cannot work, and parameters without one. */
import type { UndeclaredParameter } from '../component/declaration-types.ts';
import { placeText, type Site } from '../component/place.ts';
import { ComponentNode, componentText, componentTrail } from './component-node.ts';
import { GraphProblem } from './errors.ts';
import { memberText } from './problem-text.ts';

/** Why a decorator cannot work, and how to fix it. */
export interface DecoratorFault {
  /** Completes the headline, such as `the runtime does not call this method`. */
  readonly reason: string;
  readonly note?: string | undefined;
  readonly help: string | readonly string[];
  readonly site: Site;
}

/** Reported when a decorator cannot work at its place. */
export class DecoratorError extends GraphProblem {
  readonly code = 'ERR_DECORATOR';

  /** @internal */
  constructor(decorator: string, node: ComponentNode, member: string, { reason, note, help, site }: DecoratorFault) {
    super(
      { component: node.path, type: node.type.name, member },
      {
        summary: `${decorator} on ${member} of ${node.type.name}: ${reason}`,
        details: [
          ['in', componentText(node)],
          ['declared at', placeText(ComponentNode.placeOf(node, site))],
          ['note', note],
        ],
        help,
        place: ComponentNode.placeOf(node, site),
      },
    );
  }
}

/** Reported when a parameter has no `@inject` and the runtime has no value for it, or only one of another type. */
export class UndeclaredParameterError extends GraphProblem {
  readonly code = 'ERR_PARAMETER_UNDECLARED';
  readonly index: number;

  /** @internal */
  constructor(node: ComponentNode, parameter: UndeclaredParameter) {
    const { member, index, site, receives, wants } = parameter;
    const slot = memberText(member, index);
    super(
      { component: node.path, type: node.type.name, member: slot },
      {
        summary:
          receives === undefined
            ? `Cannot inject ${slot} of ${node.type.name}: it has no @inject()`
            : `${slot} of ${node.type.name} has no @inject() and would receive the ${receives}`,
        details: [
          ['required by', componentText(node)],
          ['path', node.path === '' ? undefined : componentTrail(node)],
          ['declared at', placeText(ComponentNode.placeOf(node, site))],
          ['expects', wants === undefined ? undefined : `\`${wants}\``],
          ['note', undeclaredNote(parameter)],
        ],
        help: undeclaredHelp(parameter),
        place: ComponentNode.placeOf(node, site),
      },
    );
    this.index = index;
  }
}

function undeclaredNote({ member, passed = [], inversify }: UndeclaredParameter): string {
  if (inversify) return 'the type alone is not enough: not all compilers emit types, and none emits interfaces';
  if (member === undefined) return 'the type alone is not enough: the runtime passes only what @inject() declares';
  return `without @inject(), ${passed.length === 1 ? 'one parameter receives' : 'two parameters receive'} the ${passed.join(' and the ')}`;
}

function undeclaredHelp({ member, receives, wants, inversify }: UndeclaredParameter): string[] {
  if (inversify) return ["add inversify's @inject(…) to it", 'add @unmanaged() if it has a default value'];
  if (receives !== undefined) return [`add @inject(${wants}) to it`, `declare it as ${receives}`];
  return ['add @inject(…) to it', member === undefined ? 'add a default value, if only tests pass it' : 'remove it'];
}
