import { AsphaltError } from '@asphalt/core';

/** A problem of a value in a request. */
export interface ValidationIssue {
  /** The place of the value, such as `items.0.price`; empty for the whole. */
  readonly path: string;
  /** Never contains the value. */
  readonly message: string;
}

/** The cause of a 400: a part of the request does not match its schema. */
export class ValidationError extends AsphaltError {
  readonly code = 'ERR_WEB_VALIDATION';

  /**
   * @param target - the part, such as `json` or `query`
   * @param issues - the first problems
   * @param count - the number of all problems
   */
  constructor(
    readonly request: string,
    readonly target: string,
    readonly issues: readonly ValidationIssue[],
    readonly count: number,
  ) {
    super({
      summary: `The ${target} of ${request} does not match its schema`,
      details: issues.map(({ path, message }) => ['got', path === '' ? message : `\`${path}\`: ${message}`]),
    });
  }
}
