/** Finds resources that are close to a missing one, for `ResourceNotFoundError`. */
import { nearMisses } from '../errors/near-misses.ts';
import type { NearResources } from './resource-errors.ts';
import { identifierName, type Key } from './key.ts';
import type { PublishedResources } from './published-resources.ts';

/** The part of a context that the search reads. */
export interface Searched {
  readonly name: string;
  readonly published: Pick<PublishedResources<never>, 'has' | 'keys' | 'withdrawnFrom'>;
}

/** @param contexts - the context of the lookup, then its ancestors */
export function nearResources(key: Key, contexts: readonly Searched[]): NearResources {
  const keys = [...contexts[0]!.published.keys()];
  const wanted = identifierName(key.id);
  const others = keys.filter(({ id }) => id !== key.id).map(({ id }) => identifierName(id));
  return {
    otherNames: keys.filter(({ id }) => id === key.id).map(({ name }) => name),
    later: contexts.find((context) => context.published.has(key))?.name,
    stopped: contexts.map((context) => context.published.withdrawnFrom(key)).find((from) => from !== undefined),
    similar: others.includes(wanted) ? [wanted] : nearMisses(wanted, others),
  };
}
