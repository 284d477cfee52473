/** The parameters that the site accepts from a browser. */
import * as v from 'valibot';

/** The id of a change. */
const id = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'Must be a number of at most 15 digits'), v.transform(Number));

/** A feed shows the changes before one, or the newest. */
export const feedQuery = v.object({ before: v.optional(id) });
