/** Describes a thousand options in a hundred groups, and four layers: the base sets all, each further layer fewer. */

export const groups = 100;
export const optionsPerGroup = 10;
export const layerCount = 4;

/** The formats that both subjects support. */
const kinds = ['string', 'int', 'port', 'boolean', ['low', 'middle', 'high']] as const;

export function groupName(group: number): string {
  return `group${group}`;
}

export function optionName(option: number): string {
  return `option${option}`;
}

export function kindOf(option: number): (typeof kinds)[number] {
  return kinds[option % kinds.length]!;
}

/** Returns whether a layer sets an option: the first sets all, the second every second, the third every third… */
function isSet(layer: number, group: number, option: number): boolean {
  return (group * optionsPerGroup + option) % (layer + 1) === 0;
}

function valueIn(layer: number, group: number, option: number): unknown {
  const kind = kindOf(option);
  if (kind === 'string') return `value ${group} of layer ${layer}`;
  if (kind === 'int') return group * 1000 + layer;
  if (kind === 'port') return 1024 + group * 10 + layer;
  if (kind === 'boolean') return (group + layer) % 2 === 0;
  return kind[(group + layer) % kind.length];
}

export type Values = Record<string, Record<string, unknown>>;

/** Returns the values of one layer. */
export function layerValues(layer: number): Values {
  return valuesOf((group, option) => (isSet(layer, group, option) ? valueIn(layer, group, option) : undefined));
}

/** Returns the merged values of all layers. */
export function expectedValues(): Values {
  return valuesOf((group, option) => valueIn(lastLayer(group, option), group, option));
}

/** Returns the highest layer that sets an option. */
export function lastLayer(group: number, option: number): number {
  let last = 0;
  for (let layer = 0; layer < layerCount; layer++) if (isSet(layer, group, option)) last = layer;
  return last;
}

function valuesOf(value: (group: number, option: number) => unknown): Values {
  const all: Values = {};
  for (let group = 0; group < groups; group++) {
    const values: Record<string, unknown> = {};
    for (let option = 0; option < optionsPerGroup; option++) {
      const set = value(group, option);
      if (set !== undefined) values[optionName(option)] = set;
    }
    all[groupName(group)] = values;
  }
  return all;
}
