/** Errors of `@checked()`. */
import { fileURLToPath } from 'node:url';
import { AsphaltError } from '../errors/asphalt-error.ts';
import { placeOf, placeText, type Site } from '../component/place.ts';

/** The folder of the runtime. It is not shown as the caller, because the error names the component instead. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

/** Raised when an argument or a result of a `@checked()` method does not match its type. */
export class CheckError extends AsphaltError {
  readonly code = 'ERR_CHECK';

  /** @internal */
  constructor(
    /** The method, such as `User.rename()`. */
    readonly method: string,
    /** The faulty value for messages, such as "`name` of User.rename()". */
    readonly subject: string,
    /** The requirement, worded to follow "must": "be a string", "match its zod schema". */
    readonly must: string,
    /** The shape of the received value, never the value itself. */
    readonly received: string,
    /** The issues that a schema reports, with their paths in the value. */
    readonly issues: ReadonlyArray<readonly [path: string, message: string]> = [],
    caller?: Site,
  ) {
    const place = placeOf(caller);
    super({
      summary: `${subject} must ${must}, got ${received}`,
      details: [
        ['called at', place?.file.startsWith(ownFolder) ? undefined : placeText(place)],
        ...issues.map(([path, message]) => ['issue', path === '' ? message : `${path}: ${message}`] as const),
      ],
      place,
    });
  }
}

/** Raised when a `@checked()` method has a parameter or a result without a known type, which cannot be checked. */
export class UnknownTypeError extends AsphaltError {
  readonly code = 'ERR_UNKNOWN_TYPE';

  /** @internal */
  constructor(
    readonly method: string,
    reason: string,
    help: string | readonly string[],
    site?: Site,
  ) {
    super({
      summary: `@checked() cannot check ${method}: ${reason}`,
      details: [['declared at', placeText(placeOf(site))]],
      help,
      place: placeOf(site),
    });
  }
}
