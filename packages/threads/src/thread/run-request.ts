/** The code of a pool's thread. It loads modules and calls their functions, one call at a time. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { MessageChannel, parentPort } from 'node:worker_threads';
import type {
  Abort,
  Aborts,
  CrashReason,
  Rejection,
  Request,
  RequestTerms,
  Response,
  StreamAnnouncement,
  TurnRequest,
} from '../messages.ts';
import { recordThrown, reviveThrown } from '../thrown.ts';
import { takeTransfers } from '../transfer.ts';
import { setCurrentCall } from './current-call.ts';
import { iteratorOf, sendStream } from './send-stream.ts';
import { loadTypeScript } from './typescript.ts';

/** The request that the thread runs, or ran last. */
let current: Request | undefined;

// Reports uncaught errors, because the runtime passes only a plain clone to the main thread, in which errors of some
// classes are empty objects. A result that cannot be copied arrives here as well: piscina fails after the call has ended.
process.on('uncaughtExceptionMonitor', (error) => {
  const words: CrashReason = { crashOf: current?.[0] ?? 0, thrown: recordThrown(error) };
  parentPort?.postMessage(words);
});

// A rejection can belong to an earlier call, because promises do not record their call. It must not end the thread, and with
// it the running call.
process.on('unhandledRejection', (reason) => {
  // A module in this thread handles rejections.
  if (process.listenerCount('unhandledRejection') > 1) return;
  const rejection: Rejection = { rejectedIn: current && labelOf(current), thrown: recordThrown(reason) };
  parentPort?.postMessage(rejection);
});

/** Describes the function of a request: `resize() of image.ts`. */
function labelOf([, module, name]: Request): string {
  const file = basename(fileURLToPath(module));
  return name === undefined ? `import of ${file}` : `${name}() of ${file}`;
}

type Exports = Readonly<Record<string, unknown>>;

/** Called by piscina for every request. Never throws. */
export async function runRequest(request: Request | TurnRequest): Promise<Response> {
  if (request.length === 0) {
    await new Promise(setImmediate);
    return { value: undefined };
  }
  const [, module, name, args, terms] = request;
  current = request;
  try {
    const exports = loaded.get(module) ?? (await load(module, terms?.loader));
    const value = name === undefined ? functionNames(exports) : await call(exports[name] as AnyFunction, args, terms);
    const items = takeTransfers([value]);
    return items.length === 0 ? { value } : await moved({ value }, items);
  } catch (error) {
    return { thrown: recordThrown(error) };
  } finally {
    setCurrentCall(undefined);
  }
}

/** Wraps a response so that piscina moves some of its items. */
async function moved(response: Response, items: readonly unknown[]): Promise<Response> {
  const { move, transferableSymbol, valueSymbol } = await import('piscina');
  const movable = { [transferableSymbol]: items, [valueSymbol]: response };
  // Piscina's types permit only one item, but its threads accept a list.
  return move(movable as unknown as Parameters<typeof move>[0]) as unknown as Response;
}

/** The exports of the loaded modules, by URL. */
const loaded = new Map<string, Exports>();

async function load(module: string, loader: string | undefined): Promise<Exports> {
  if (loader !== undefined) await loadTypeScript(module, loader);
  const exports = (await import(module)) as Exports;
  loaded.set(module, exports);
  return exports;
}

function functionNames(exports: Exports): string[] {
  return Object.keys(exports).filter((name) => typeof exports[name] === 'function');
}

type AnyFunction = (...args: readonly unknown[]) => unknown;

async function call(run: AnyFunction, args: readonly unknown[], terms: RequestTerms | undefined): Promise<unknown> {
  const aborts = terms?.aborts;
  setCurrentCall({ contextName: terms?.contextName });
  try {
    const result = await run(...(aborts ? withSignals(args, aborts) : args));
    const iterator = iteratorOf(result);
    if (!iterator) return result;
    const { port1, port2 } = new MessageChannel();
    const announcement: StreamAnnouncement = { streamOf: current![0], port: port1 };
    parentPort!.postMessage(announcement, [port1]);
    await sendStream(iterator, port2);
    return undefined;
  } finally {
    aborts?.port.close();
  }
}

/** Inserts abort signals of this thread at the positions of the caller's signals. */
function withSignals(args: readonly unknown[], { positions, port }: Aborts): readonly unknown[] {
  const controllers = new Map(positions.map((position) => [position, new AbortController()]));
  port.on('message', ({ position, reason }: Abort) => controllers.get(position)?.abort(reviveThrown(reason)));
  return args.map((arg, position) => controllers.get(position)?.signal ?? arg);
}
