/** How many random applications the tests compare: a fixed selection, unless `npm run test:soak -- built` selects others. */
export interface Selection {
  readonly count: number;
  readonly seed: number;
}

/** @param kind - what the tests count; the variable `SOAK_APPLICATIONS` or `SOAK_BUNDLES` overrides `standard` */
export function selectionOf(kind: 'applications' | 'bundles', standard: number): Selection {
  const { env } = process;
  return {
    count: Number(env[`SOAK_${kind.toUpperCase()}`] ?? standard),
    seed: Number(env['SOAK_SEED'] ?? 1),
  };
}
