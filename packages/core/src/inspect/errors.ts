/** Errors of the descriptions for tools. */
import { defaultName, identifierName, type Key } from '../context/key.ts';
import { AsphaltError } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { Plan } from '../graph/plan.ts';

/** Raised when no component provides or needs the key to explain. */
export class UnknownKeyError extends AsphaltError {
  readonly code = 'ERR_KEY_UNKNOWN';

  constructor(
    readonly key: string,
    plan: Plan,
    known: readonly Key[],
  ) {
    const [type] = key.split(/\/| "/);
    const sameType = known.filter(({ id }) => identifierName(id) === type).map(spelling);
    const names = known.flatMap((other) => [identifierName(other.id), spelling(other)]);
    const near = sameType.length > 0 ? sameType : nearMisses(key, names);
    const component = plan.components.find(({ node }) => node.path === key || node.type.name === key)?.node;
    const provided = plan.providers
      .filter(({ node }) => node === component)
      .flatMap(({ ids, name }) => ids.map((id) => spelling({ id, name })));
    super({
      summary: `No component provides or needs \`${key}\``,
      details: [
        [
          'note',
          component &&
            `\`${key}\` is a component; it provides ${provided.length > 0 ? provided.join(', ') : 'nothing'}`,
        ],
      ],
      help:
        near.length > 0
          ? `did you mean ${near.map((name) => `\`${name}\``).join(', ')}?`
          : 'list all keys with `asphalt graph`',
    });
  }
}

/** Returns a key as the user writes it on a command line. */
function spelling({ id, name }: Key): string {
  return name === defaultName ? identifierName(id) : `${identifierName(id)}/${name}`;
}
