/** What is there instead of a resource that a context does not have, for the error that reports it. */
import { nearMisses } from '../errors/near-misses.ts';
import type { NearResources } from './errors.ts';
import { identifierName, type Key } from './key.ts';
import type { PublishedResources } from './published-resources.ts';

/** A context, as far as the search reads it. */
export interface Searched {
  readonly name: string;
  readonly published: Pick<PublishedResources<never>, 'has' | 'keys' | 'withdrawnFrom'>;
}

/** @param contexts - the context that was asked, then those above it */
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
