/** The texts that both forms of `asphalt health` print. */
export type HealthFormat = 'text' | 'json';

/** Aligns the cells of rows in columns, two spaces apart. */
export function columns(rows: ReadonlyArray<readonly string[]>): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}

/** Returns the name of a component: its path, or a name for the root. */
export function componentText(path: string): string {
  return path === '' ? '(root)' : path;
}

export function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
