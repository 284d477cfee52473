/**
 * Finds references such as `${PORT}` in text. Shells, Compose files and other configuration formats replace them. A
 * configuration here takes them literally, which is probably a mistake.
 */
import { readVariable, type Environment } from './environment.ts';
import type { Origin } from './layers.ts';
import type { ValueFormat } from './schema.ts';

/** A reference in a text. */
export interface LiteralReference {
  readonly variable: string;
  /** Whether the text contains nothing else. */
  readonly isWhole: boolean;
}

/** The expansions of shells, such as `${PORT:-80}`, are references, too. */
const reference = /\$\{([A-Za-z_]\w*)(?::?[-+?=][^{}]*)?\}/;

/** Returns the first reference in a text. */
export function referenceIn(value: unknown): LiteralReference | undefined {
  if (typeof value !== 'string' || !value.includes('${')) return undefined;
  const [written, variable] = reference.exec(value) ?? [];
  if (written === undefined || variable === undefined) return undefined;
  return { variable, isWhole: written === value };
}

/** Whether a text that the format accepts may contain `${NAME}` by mistake. In an expression, `$` is an anchor. */
export function canRefer(format: ValueFormat): boolean {
  return format !== 'regexp' && format !== 'object' && !Array.isArray(format);
}

/** Whether a valid text was probably meant to contain the value of a variable. Templates contain other names. */
export function isProbablyMistake({ variable, isWhole }: LiteralReference, env: Environment): boolean {
  return isWhole || readVariable(env, variable) !== undefined;
}

/**
 * Returns how to read the variable instead.
 *
 * @param origin - the origin of the text
 * @param name - the variable; a placeholder if the text must not be quoted
 */
export function referenceHelp(origin: Origin | undefined, name: string, isWhole: boolean): string {
  const { kind, file = '' } = origin ?? {};
  if (kind === 'set') return 'write it in double quotes, so that the shell replaces it';
  if (kind === 'environment') return `set the value of ${name} in it: variables are not replaced within variables`;
  if (kind !== 'file' || /\.[cm]?[jt]s$/.test(file)) return `read the variable in code: process.env.${name}`;
  if (/\.json5?$/.test(file)) return `read the variable in a YAML file, with \`!Env ${name}\`: JSON has no tags`;
  return isWhole
    ? `read the variable with a tag: \`!Env ${name}\``
    : `put the whole text into one variable, and read that with a tag: \`!Env NAME\``;
}
