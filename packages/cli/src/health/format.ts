/** The texts that both forms of `asphalt health` print. */
export type HealthFormat = 'text' | 'json';

/** Returns the name of a component: its path, or a name for the root. */
export function componentText(path: string): string {
  return path === '' ? '(root)' : path;
}

export function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
