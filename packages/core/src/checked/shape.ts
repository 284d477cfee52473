/** Describes values by their shape only, because arguments may be secrets and errors may be widely visible. */

const mostKeys = 5;

/**
 * Describes a value for messages: "a string of 12 characters", "an object with `id`, `name`", "an instance of User".
 */
export function shapeOf(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'string':
      return value === '' ? 'an empty string' : `a string of ${value.length} character${value.length === 1 ? '' : 's'}`;
    case 'number':
      return Number.isNaN(value) ? 'NaN' : 'a number';
    case 'boolean':
      return 'a boolean';
    case 'bigint':
      return 'a bigint';
    case 'symbol':
      return 'a symbol';
    case 'function':
      return shapeOfFunction(value);
    default:
      return value === null ? 'null' : shapeOfObject(value as object);
  }
}

function shapeOfObject(value: object): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  if (prototype !== null && prototype !== Object.prototype) {
    const { constructor } = prototype;
    return `an instance of ${typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'an unnamed class'}`;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  const shown = keys.slice(0, mostKeys).map((key) => `\`${key}\``);
  const more = keys.length - shown.length;
  return `an object with ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function shapeOfFunction(value: { readonly name: string }): string {
  return /^class\b/.test(Function.prototype.toString.call(value)) ? `the class ${value.name}` : 'a function';
}
