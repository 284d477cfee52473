/** Headers that a handler announces the result of its work with. hono repeats those of `c.header()` in the next response. */
const names = ['cache-control', 'etag', 'expires', 'last-modified', 'location'];

/** Returns the response to a failure without headers of the response that it replaces. */
export function withoutHeadersOf(replaced: Response, failure: Response): Response {
  const repeated = names.filter((name) => {
    const value = failure.headers.get(name);
    return value !== null && value === replaced.headers.get(name);
  });
  const cookies = failure.headers.getSetCookie();
  const withdrawn = new Set(replaced.headers.getSetCookie());
  const kept = cookies.filter((cookie) => !withdrawn.has(cookie));
  if (repeated.length === 0 && kept.length === cookies.length) return failure;
  const headers = new Headers(failure.headers);
  for (const name of [...repeated, 'set-cookie']) headers.delete(name);
  for (const cookie of kept) headers.append('set-cookie', cookie);
  return new Response(failure.body, { status: failure.status, statusText: failure.statusText, headers });
}
