/** Which random applications the tests compare: the same ones, unless `npm run test:soak -- built` selects others. */
export interface Selection {
  readonly count: number;
  readonly seed: number;
  /** Whether the application of a failure is made smaller, which takes minutes. */
  readonly shrinks: boolean;
}

/** @param kind - what the tests count; the variable `SOAK_APPLICATIONS` or `SOAK_BUNDLES` overrides `standard` */
export function selectionOf(kind: 'applications' | 'bundles', standard: number): Selection {
  const { env } = process;
  return {
    count: Number(env[`SOAK_${kind.toUpperCase()}`] ?? standard),
    seed: Number(env['SOAK_SEED'] ?? 1),
    shrinks: env['SOAK_SEED'] !== undefined,
  };
}
