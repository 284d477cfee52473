/** Reads durations and sizes: an amount with a unit. The JSON Schema of these formats uses the same units. */

import type { FormatTypes } from './schema.ts';

/** A unit and its size in the base unit. Lower case. */
type Units = Readonly<Record<string, number>>;

/** Milliseconds. Months and years are missing, because their lengths differ. */
export const durationUnits: Units = withNames([
  [1, 'ms', 'msec', 'millisecond'],
  [1_000, 's', 'sec', 'second'],
  [60_000, 'm', 'min', 'minute'],
  [3_600_000, 'h', 'hr', 'hour'],
  [86_400_000, 'd', 'day'],
  [604_800_000, 'w', 'week'],
]);

/** Bytes. */
export const byteUnits: Units = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

// The limits of 20 digits keep the integers below small.
const quantityPattern = /^(\d{1,20})(?:\.(\d{1,20}))?\s*([a-z]*)$/i;
const severalQuantities = /^\d[\d.]*\s*[a-z]+\s*\d/i;

/** Returns an amount in the base unit. A number without a unit is already in the base unit. */
export function quantity(text: string, units: Units): number | undefined {
  const [, whole, fraction = '', unit = ''] = quantityPattern.exec(text) ?? [];
  const name = unit.toLowerCase();
  const factor = name === '' ? 1 : Object.hasOwn(units, name) ? units[name] : undefined;
  if (whole === undefined || factor === undefined) return undefined;
  // In floating point, 4.1 * 1,000,000 is slightly less than 4,100,000.
  const product = BigInt(whole + fraction) * BigInt(factor);
  const divisor = 10n ** BigInt(fraction.length);
  return product % divisor === 0n ? Number(product / divisor) : Number(product) / Number(divisor);
}

/** A time span in milliseconds, or as text in the format `duration`. */
export type Duration = FormatTypes['duration']['input'];

/** Returns the milliseconds of a time span, or undefined if the value is none. */
export function durationMs(span: Duration): number | undefined {
  const ms = typeof span === 'string' ? quantity(span, durationUnits) : span;
  return typeof ms === 'number' && ms >= 0 ? ms : undefined;
}

/** Returns how to correct a text that is not a duration. */
export function durationHelp(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (severalQuantities.test(value)) return 'use one unit: "90m" instead of "1h30m"';
  return /\d\s*(?:mo|month|y|yr|year)s?$/i.test(value)
    ? 'use days or weeks: months and years differ in length'
    : undefined;
}

/** Adds the plural of each name with more than two letters. */
function withNames(units: ReadonlyArray<readonly [factor: number, ...names: string[]]>): Units {
  return Object.fromEntries(
    units.flatMap(([factor, ...names]) =>
      names.flatMap((name) =>
        (name.length > 2 || name === 'hr' ? [name, `${name}s`] : [name]).map((one) => [one, factor] as const),
      ),
    ),
  );
}
