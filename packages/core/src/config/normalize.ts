/**
 * Expands the short forms of a layer: the section of a component without a value, and a level in place of the `logging`
 * section. Layers are merged after that, so that a short form does not discard the section of a lower layer.
 */
import { withData, type Layer } from './layers.ts';
import { isPlainObject } from './merge.ts';
import type { ConfigPath } from './path.ts';

/** Returns a layer without short forms. */
export function normalized(layer: Layer): Layer {
  return withLoggingSection(withoutEmptySections(layer));
}

/**
 * Treats a component's section that is null (`mailer:` without a value) as an empty section. Elsewhere null replaces
 * the lower value. Here it would silently discard the type and options that lower layers set for the component.
 */
function withoutEmptySections(layer: Layer): Layer {
  if (!Object.hasOwn(layer.data, 'component')) return layer;
  const component = filledSection(layer.data['component']);
  if (component === layer.data['component']) return layer;
  return withData(layer, { ...layer.data, component });
}

function filledSection(section: unknown): unknown {
  if (section === null) return {};
  if (!isPlainObject(section) || !Object.hasOwn(section, 'components')) return section;
  const children = section['components'];
  if (children === null) return { ...section, components: {} };
  if (!isPlainObject(children)) return section;
  let changed = false;
  const filled: Record<string, unknown> = {};
  for (const [alias, child] of Object.entries(children)) {
    filled[alias] = filledSection(child);
    changed ||= filled[alias] !== child;
  }
  return changed ? { ...section, components: filled } : section;
}

/**
 * Expands `logging: info` to a section with a `level`. Otherwise the level would discard the `logging` section of lower
 * layers.
 */
function withLoggingSection(layer: Layer): Layer {
  const level = layer.data['logging'] ?? undefined;
  if (level === undefined || typeof level === 'object') return layer;
  const placeOf = (path: ConfigPath): ConfigPath => (path[0] === 'logging' ? ['logging'] : path);
  return {
    label: layer.label,
    data: { ...layer.data, logging: { level } },
    isSet: layer.isSet,
    locate: (path) => layer.locate(placeOf(path)),
    hasTag: (path) => layer.hasTag?.(placeOf(path)) ?? false,
    codeFrame: (path, withValue) => layer.codeFrame?.(placeOf(path), withValue),
  };
}
