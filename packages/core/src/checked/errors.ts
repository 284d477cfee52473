import { fileURLToPath } from 'node:url';
import { AsphaltError } from '../errors/asphalt-error.ts';
import { placeOf, placeText, type Site } from '../component/place.ts';

/** What is called from here is called by the runtime, for the component that the error will name. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

/** Raised when an argument or a result of a `@checked()` method does not fit its type. */
export class CheckError extends AsphaltError {
  readonly code = 'ERR_CHECK';

  constructor(
    /** The method, as `User.rename()`. */
    readonly method: string,
    /** What did not fit, as messages call it: "`name` of User.rename()". */
    readonly subject: string,
    /** What it must do: "be a text", "fit its zod schema". */
    readonly must: string,
    /** The shape of what came; never the value itself. */
    readonly received: string,
    /** What a schema has to say about it, by the path inside of the value. */
    readonly issues: ReadonlyArray<readonly [path: string, message: string]> = [],
    caller?: Site,
  ) {
    const place = placeOf(caller);
    super({
      summary: `${subject} must ${must}, got ${received}`,
      details: [
        ['called at', place?.file.startsWith(ownFolder) ? undefined : placeText(place)],
        ...issues.map(([path, message]) => ['in it', path === '' ? message : `${path}: ${message}`] as const),
      ],
      place,
    });
  }
}

/** Raised where a `@checked()` method is declared whose types nobody knows, so that nothing would be checked. */
export class UnknownTypeError extends AsphaltError {
  readonly code = 'ERR_UNKNOWN_TYPE';

  constructor(
    readonly method: string,
    reason: string,
    help: string | readonly string[],
    site?: Site,
  ) {
    super({
      summary: `@checked() cannot check ${method}: ${reason}`,
      details: [['declared', placeText(placeOf(site))]],
      help,
      place: placeOf(site),
    });
  }
}
