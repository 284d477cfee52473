/** What a thread of a pool does: it loads modules and calls their functions, one call at a time. */
import { MessageChannel, parentPort } from 'node:worker_threads';
import type { Abort, Aborts, LastWords, Request, RequestTerms, Response, StreamAnnouncement } from '../messages.ts';
import { recordThrown, reviveThrown } from '../thrown.ts';
import { takeTransfers } from '../transfer.ts';
import { setCurrentCall } from './current-call.ts';
import { iteratorOf, sendStream } from './send-stream.ts';

let callId: number | undefined;

// What the runtime tells of such an error is a plain clone, in which errors of some classes are empty objects. This is
// also how a result that cannot be copied comes out: piscina finds it when the call is over.
process.on('uncaughtExceptionMonitor', (error) => {
  const words: LastWords = { crashOf: callId ?? 0, thrown: recordThrown(error) };
  parentPort?.postMessage(words);
});

type Exports = Readonly<Record<string, unknown>>;

/** Called by piscina for every request. Never throws. */
export async function runRequest(request: Request): Promise<Response> {
  const [id, module, name, args, terms] = request;
  callId = id;
  try {
    const exports = loaded.get(module) ?? (await load(module, terms?.loader));
    const value =
      name === undefined ? functionNames(exports) : await perform(exports[name] as AnyFunction, args, terms);
    const items = takeTransfers([value]);
    return items.length === 0 ? { value } : await moved({ value }, items);
  } catch (error) {
    return { thrown: recordThrown(error) };
  } finally {
    setCurrentCall(undefined);
  }
}

/** The response as piscina sends it when some of it is to be moved. */
async function moved(response: Response, items: readonly unknown[]): Promise<Response> {
  const { move, transferableSymbol, valueSymbol } = await import('piscina');
  const movable = { [transferableSymbol]: items, [valueSymbol]: response };
  // Its types allow one item only; the threads take a list.
  return move(movable as unknown as Parameters<typeof move>[0]) as unknown as Response;
}

/** Kept here, because an `import()` takes longer than most calls, also of a module that is there. */
const loaded = new Map<string, Exports>();

async function load(module: string, loader: string | undefined): Promise<Exports> {
  if (loader !== undefined) await learnTypeScript(loader);
  const exports = (await import(module)) as Exports;
  loaded.set(module, exports);
  return exports;
}

let isTaught = false;

/** Once per thread; the loader knows by itself which files are TypeScript. */
async function learnTypeScript(loader: string): Promise<void> {
  if (isTaught) return;
  isTaught = true;
  const { register } = (await import(loader)) as typeof import('tsx/esm/api');
  register();
}

function functionNames(exports: Exports): string[] {
  return Object.keys(exports).filter((name) => typeof exports[name] === 'function');
}

type AnyFunction = (...args: readonly unknown[]) => unknown;

async function perform(run: AnyFunction, args: readonly unknown[], terms: RequestTerms | undefined): Promise<unknown> {
  const aborts = terms?.aborts;
  setCurrentCall({ contextName: terms?.contextName });
  try {
    const result = await run(...(aborts ? withSignals(args, aborts) : args));
    const iterator = iteratorOf(result);
    if (!iterator) return result;
    const { port1, port2 } = new MessageChannel();
    const announcement: StreamAnnouncement = { streamOf: callId!, port: port1 };
    parentPort!.postMessage(announcement, [port1]);
    await sendStream(iterator, port2);
    return undefined;
  } finally {
    aborts?.port.close();
  }
}

/** The arguments, with abort signals of this thread where the caller has such. */
function withSignals(args: readonly unknown[], { positions, port }: Aborts): readonly unknown[] {
  const controllers = new Map(positions.map((position) => [position, new AbortController()]));
  port.on('message', ({ position, reason }: Abort) => controllers.get(position)?.abort(reviveThrown(reason)));
  return args.map((arg, position) => controllers.get(position)?.signal ?? arg);
}
