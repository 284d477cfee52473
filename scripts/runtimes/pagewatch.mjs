// Starts Pagewatch with its demo site, and reads its live stream.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asphalt, freePort, set } from './program.mjs';

/** Returns a function that starts the compiled Pagewatch with further arguments. */
export function pagewatchOf(runtime) {
  const types = [
    ...set('component.type', './dist/app.js:Pagewatch'),
    ...set('component.components.demo.type', './dist/demo-site.js:DemoSite'),
  ];
  return (args) => asphalt(runtime, 'apps/pagewatch', ['run', 'asphalt.yaml', 'demo.yaml', ...types, ...args]);
}

/**
 * Starts Pagewatch with its demo site.
 *
 * @param start - starts it with further arguments
 * @param every - interval between changes of its pages
 */
export async function startPagewatch(start, folder, every) {
  const site = await freePort();
  const child = (path, value) => set(`component.components.${path}`, value);
  const pages = ['releases', 'prices', 'status'].flatMap((name) => [
    ...child(`page/${name}.url`, `http://127.0.0.1:${site}/${name}`),
    ...child(`page/${name}.every`, every),
  ]);
  const program = start([
    ...child('demo.port', site),
    ...child('demo.every', every),
    ...child('web.port', 0),
    ...child('sql.file', join(folder, 'pagewatch.db')),
    ...child('mailer.folder', join(folder, 'mail')),
    ...pages,
  ]);
  const [, url] = await program.until(/Listening on (http:\S+)/);
  await program.until(/Application started/);
  return { program, url };
}

/** Returns the first changes on the live stream, as a new browser receives them. */
export async function changes(url, count) {
  const abort = new AbortController();
  const response = await fetch(`${url}/events?after=0`, { signal: abort.signal });
  assert.equal(response.status, 200);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const found = [...text.matchAll(/^event: change\ndata: (.*)\nid: \d+\n\n/gm)].map(([, data]) => JSON.parse(data));
    if (found.length < count) continue;
    abort.abort();
    // Omits the HTML, which contains the age of the change.
    return found.slice(0, count).map(({ id, page, title, summary }) => ({ id, page, title, summary }));
  }
  throw new Error(`The stream ended:\n${text}`);
}
