import { AsphaltError } from '@asphalt/core';

export type MigrationsProblem =
  | { readonly kind: 'none' | 'no-folder' }
  | { readonly kind: 'several' | 'unknown'; readonly components: readonly string[] };

const summaries: Record<MigrationsProblem['kind'], string> = {
  none: 'No component of the application has migrations',
  'no-folder': 'The component has no folder of migrations',
  several: 'Several components of the application have migrations',
  unknown: 'The component has no migrations',
};

/** Thrown by `asphalt db` when it cannot select the migrations of one component. */
export class MigrationsSelectionError extends AsphaltError {
  readonly code = 'ERR_MIGRATIONS_SELECTION';

  constructor(
    readonly problem: MigrationsProblem,
    /** The path of the component; undefined if none is selected. */
    readonly component?: string,
  ) {
    super({
      summary: summaries[problem.kind],
      details: [['component', component === undefined ? undefined : `\`${component}\``]],
      help: helpFor(problem),
    });
  }
}

function helpFor(problem: MigrationsProblem): string | readonly string[] {
  switch (problem.kind) {
    case 'none':
      return 'add the SqlComponent of @asphalt/sql';
    case 'no-folder':
      return 'set its option `migrations` to a folder';
    case 'several':
    case 'unknown':
      return problem.components.map((path) => `select it: --component ${path}`);
  }
}
