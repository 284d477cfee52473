/**
 * The part of the Standard Schema interface (https://standardschema.dev) that options use. zod, valibot and arktype
 * implement it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** The optional Standard JSON Schema extension. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<StandardIssue> };

export interface StandardIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** Returns whether a format is a Standard Schema, which may be a function (arktype). */
export function isStandardSchema(format: unknown): format is StandardSchema {
  return (typeof format === 'object' || typeof format === 'function') && format !== null && '~standard' in format;
}
