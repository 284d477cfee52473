/** Draws the tree of components as text, with the keys that each one provides and needs. */
import type { ComponentDescription, NeedDescription, PlanDescription } from '@asphalt/core/inspect';
import { keyLabel } from './edges.ts';
import { groupBy } from './group-by.ts';

export function drawTree({ components, disabled, needs }: PlanDescription): string {
  const children = groupBy([...components, ...disabled.map(withoutContent)], ({ parent }) => parent);
  const needsOf = groupBy(needs, ({ component }) => component);
  const lines: string[] = [];
  const stack: Array<{ component: ComponentDescription; branch: string; margin: string }> = [];
  const root = components[0];
  if (root) stack.push({ component: root, branch: '', margin: '' });
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { component, branch, margin } = next;
    const below = children.get(component.path) ?? [];
    lines.push(`${branch}${title(component)}`);
    const bar = below.length > 0 ? '│    ' : '     ';
    // Lists a key once even if several members need it.
    const facts = new Set(factsOf(component, needsOf.get(component.path) ?? []));
    for (const fact of facts) lines.push(`${margin}${bar}${fact}`);
    below.forEach((_, index) => {
      // Pushes the children in reverse order, because the stack returns the last one first.
      const last = index === 0;
      const child = below[below.length - 1 - index]!;
      stack.push({
        component: child,
        branch: `${margin}${last ? '└─ ' : '├─ '}`,
        margin: `${margin}${last ? '   ' : '│  '}`,
      });
    });
  }
  return `${lines.join('\n')}\n`;
}

/** A disabled component in the tree. */
function withoutContent({ path, alias, parent }: PlanDescription['disabled'][number]): ComponentDescription {
  return { path, alias, parent, type: 'disabled', provides: [], tasks: [], healthChecks: [] };
}

function title({ alias, type, description }: ComponentDescription): string {
  const name = alias === '' ? type : `${alias} (${type})`;
  return description === undefined ? name : `${name} – ${description}`;
}

function* factsOf(component: ComponentDescription, needs: readonly NeedDescription[]): Iterable<string> {
  const { provides, tasks, healthChecks } = component;
  for (const { ids, name, scope, used } of provides) {
    const keys = ids.map((id) => keyLabel({ id, name })).join(', ');
    yield `provides ${keys}${scope === 'context' ? ', one per context' : ''}${used ? '' : ' (nothing in the graph needs it)'}`;
  }
  for (const need of needs) yield needFact(need);
  for (const task of tasks) yield `task     ${task}()`;
  for (const check of healthChecks) yield `health   ${check.member}()`;
}

function needFact({ kind, providers, given, component, ...key }: NeedDescription): string {
  const verb = kind === 'event' ? 'handles ' : 'needs   ';
  const from = providers.map((path) => (path === component ? 'itself' : path === '' ? 'the root component' : path));
  const absent = given ? 'from the runtime' : kind === 'optional' ? '(absent, optional)' : '(missing)';
  const source = from.length === 0 ? absent : `from ${from.join(', ')}`;
  const how = kind === 'deferred' || kind === 'optional' ? `, ${kind}` : '';
  return `${verb} ${kind === 'all' ? `every ${key.id}` : keyLabel(key)} ${source}${how}`;
}
