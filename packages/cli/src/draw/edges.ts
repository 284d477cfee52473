/** Computes the edges that every drawing shows: one for each pair of components, with all keys between the two. */
import type { NeedDescription, PlanDescription } from '@asphalt/core/inspect';

export interface Edge {
  /** Indexes of the dependent component and of the provider. */
  readonly from: number;
  readonly to: number;
  readonly keys: readonly string[];
  /** `deferred` if the need does not affect the order, `event` if only events flow. If kinds differ, `need` wins. */
  readonly kind: 'need' | 'deferred' | 'event';
}

export function keyLabel({ id, name }: { readonly id: string; readonly name: string }): string {
  return name === 'default' ? id : `${id} "${name}"`;
}

export function edgesOf({ components, needs }: PlanDescription): Edge[] {
  const indexOf = new Map(components.map(({ path }, index) => [path, index]));
  const edges = new Map<string, { from: number; to: number; keys: Set<string>; kinds: Set<Edge['kind']> }>();
  for (const need of needs) {
    const from = indexOf.get(need.component)!;
    for (const provider of need.providers) {
      const to = indexOf.get(provider)!;
      if (to === from) continue;
      const edge = edges.get(`${from} ${to}`) ?? { from, to, keys: new Set(), kinds: new Set() };
      edge.keys.add(need.kind === 'all' ? `every ${need.id}` : keyLabel(need));
      edge.kinds.add(kindOf(need));
      edges.set(`${from} ${to}`, edge);
    }
  }
  return Array.from(edges.values(), ({ from, to, keys, kinds }) => ({
    from,
    to,
    keys: [...keys],
    kind: kinds.has('need') ? 'need' : kinds.has('event') ? 'event' : 'deferred',
  }));
}

function kindOf({ kind }: NeedDescription): Edge['kind'] {
  return kind === 'deferred' || kind === 'event' ? kind : 'need';
}
