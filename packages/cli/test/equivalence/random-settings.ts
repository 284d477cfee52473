/** Generates values for the layers of a configuration. Some change the shape of the application after its build. */
import fc from 'fast-check';
import { isRequired, rootIndex, type ComponentType, type LayerName, type Setting } from './description.ts';

/** The values of a generator. */
export type Raw<A> = A extends fc.Arbitrary<infer T> ? T : never;

const buildLayers: readonly LayerName[] = ['code', 'file', 'second', 'buildSet'];
const runLayers: readonly LayerName[] = ['runFile', 'env', 'setVariable', 'set'];

const values = {
  label: ['plain', '', 'two words', '${HOME}', '0x10', 'null', 'line\nbreak', '!Env TAGGED'],
  count: [0, 7, -1, 100, '12', 'many'],
  more: [true, false, 'true'],
  use: ['blue', 'red', 'default'],
  secret: ['abc', 'abcdef'],
  list: [['one', 'two'], [], ['three']],
  enabled: [false, true],
  type: ['other'],
} as const satisfies Record<Setting['option'], readonly unknown[]>;

export const rawSetting = fc.record({
  layer: fc.constantFrom(...buildLayers, ...runLayers),
  type: fc.integer({ min: -1, max: 999 }),
  name: fc.nat({ max: 1 }),
  option: fc.constantFrom<Setting['option']>(
    ...(['label', 'label', 'label', 'count', 'more', 'use', 'secret', 'list', 'enabled', 'type'] as const),
  ),
  value: fc.nat({ max: 999 }),
});

/** A setting that usually changes the shape of the application after the build. */
export const rawChange: typeof rawSetting = fc.record({
  layer: fc.constantFrom<LayerName>('runFile', 'setVariable', 'set'),
  type: fc.nat({ max: 999 }),
  name: fc.nat({ max: 1 }),
  option: fc.constantFrom('more', 'use', 'enabled', 'type'),
  // The first value of an option is the one that differs from its default.
  value: fc.constantFrom(0, 0, 0, 1),
});

/** Returns settings that a build can contain. Settings that change the shape of the application are part of the changed run. */
export function consistentSettings(
  raw: ReadonlyArray<Raw<typeof rawSetting>>,
  types: readonly ComponentType[],
): Setting[] {
  const seen = new Set<string>();
  return raw.flatMap(({ layer: drawn, type: number, name: which, option, value: index }) => {
    const type = number < 0 ? undefined : types[number % types.length];
    const choices = values[option];
    const value = choices[index % choices.length]!;
    const name = type ? type.names[which % type.names.length]! : '';
    if (type && !isRequired(type, types)) return [];
    const isOfShape = option === 'enabled' || option === 'type' || option === 'use' || option === 'more';
    if (!type && isOfShape && option !== 'more') return [];
    // A build leaves sensitive values out, and reports invalid ones.
    const isOfRun = option === 'secret' || option === 'type' || value === 'many' || option === 'use';
    const layer = isOfRun && buildLayers.includes(drawn) ? runLayers[index % runLayers.length]! : drawn;
    if (layer === 'env' && (isOfShape || option === 'list')) return [];
    if (layer === 'code' && (option === 'enabled' || type?.declaredIn !== 'code')) return [];
    // The values that a build sets are below the variables, and those of `asphalt run` are above them.
    const place = `${type?.index} ${name} ${option} ${layer === 'setVariable' ? 'buildSet' : layer}`;
    if (seen.has(place)) return [];
    seen.add(place);
    const isChange = (isOfShape && runLayers.includes(layer)) || value === 'many';
    const target = option === 'type' ? (types[index % types.length]!.index as number) : value;
    const setting: Setting = { layer, type: type?.index ?? rootIndex, name, option, value: target, isChange };
    const overridden: Setting = { ...setting, layer: 'file', value: 5, isChange: false };
    const placeBelow = `${type?.index} ${name} ${option} file`;
    if (value !== 'many' || seen.has(placeBelow)) return [setting];
    // The error also names the place of the valid value in a file of the build.
    seen.add(placeBelow);
    return [setting, overridden];
  });
}

/** Replaces the option `more` of the root component by a value that the build does not have. */
export function withMoreOfRoot(settings: readonly Setting[], value: boolean): Setting[] {
  const others = settings.filter(({ type, option }) => type !== rootIndex || option !== 'more');
  return [...others, { layer: 'set', type: rootIndex, name: '', option: 'more', value, isChange: false }];
}
