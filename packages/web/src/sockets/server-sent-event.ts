/** Returns the lines of a server-sent event. */
export function eventText(data: string, event: string | undefined, id: string | undefined): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`);
  if (event !== undefined) lines.unshift(`event: ${oneLine('name', event)}`);
  if (id !== undefined) lines.push(`id: ${oneLine('id', id)}`);
  return `${lines.join('\n')}\n\n`;
}

/** Browsers drop an id with a NUL. */
function oneLine(what: string, text: string): string {
  if (/[\r\n\0]/.test(text))
    throw new RangeError(`The ${what} of an event must be one line, got ${JSON.stringify(text)}`);
  return text;
}
