/** Finds the sensitive values in the data of a configuration file, so that a build can leave them out. */
import { isPlainObject, type PlainObject } from '../config/merge.ts';
import { valueAt, type ConfigPath } from '../config/path.ts';
import { holdsSecrets, isConfigSchema, isListFormat, isMapFormat, type Format } from '../config/schema.ts';
import { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';

/** @param service - the service whose section may contain options as well */
export function sensitivePaths(plan: Plan, data: PlainObject, service: string | undefined): ConfigPath[] {
  const prefixes = service === undefined ? [[]] : [[], ['services', service]];
  return plan.components.flatMap(({ node }) => {
    const { config } = node.declarations.component?.options ?? {};
    if (!config) return [];
    const section = ComponentNode.viewOf(node).path;
    return prefixes.flatMap((prefix) => {
      const path = [...prefix, ...section];
      return [...pathsIn(config, valueAt(data, path), path)];
    });
  });
}

function* pathsIn(format: Format, value: unknown, path: ConfigPath): Iterable<ConfigPath> {
  if (value === undefined || value === null || !holdsSecrets(format)) return;
  if (isConfigSchema(format) && isPlainObject(value)) {
    for (const [name, option] of Object.entries(format.options)) {
      const inner = Object.hasOwn(value, name) ? value[name] : undefined;
      if (option.sensitive !== true) yield* pathsIn(option.format, inner, [...path, name]);
      else if (inner !== undefined && inner !== null) yield [...path, name];
    }
  } else if (isListFormat(format) && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* pathsIn(format.items, item, [...path, String(index)]);
  } else if (isMapFormat(format) && isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* pathsIn(format.values, item, [...path, key]);
  } else {
    // Text may contain the data of a section with sensitive options.
    yield path;
  }
}
