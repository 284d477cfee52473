/**
 * The thread that watches. It sleeps until a silence of the main thread would be long enough to be looked into, and goes
 * to sleep again when the main thread has come round meanwhile.
 *
 * Whether the whole process stands still it knows from itself: then it does not wake in time either.
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { blockingPlace } from '../blocking-place.ts';
import { placeText } from '../delay.ts';
import { mainTime, readBeat } from '../heartbeat.ts';
import type { Recovery, Sighting, WatchSettings } from '../messages.ts';
import { Silence, type SilenceSettings } from './silence.ts';

const { heartbeat, thresholdMs, beatMs, stuckMs, ownerSymbol } = workerData as WatchSettings;
// Not every runtime has it, or has it whole: Deno's refuses to reach the main thread, Bun's answers no question about it.
const { Session } = await import('node:inspector').catch(() => ({ Session: undefined }));
const isWhole = !('deno' in process.versions || 'bun' in process.versions);
const canLook = isWhole && typeof Session?.prototype.connectToMainThread === 'function';

const settings: SilenceSettings = {
  Session: canLook ? Session : undefined,
  ownerSymbol,
  // Before the silence is long enough to count, so that one that counts has always been looked into.
  lookAfterMs: beatMs + 0.6 * thresholdMs,
  clock: () => mainTime(heartbeat),
  lastBeat: () => readBeat(heartbeat).at,
};

/** By how much this thread wakes too late when the process stands still; a busy machine makes it somewhat late, too. */
const sleepMs = Math.max(50, thresholdMs / 2);

/** When this thread should wake next, and the latest spans in which it should have and did not. */
let dueAt = mainTime(heartbeat);
const asleep: Array<{ readonly from: number; readonly to: number }> = [];

let silence = new Silence(readBeat(heartbeat).at, settings);
let isTold = false;
/** The latest silences that were looked into; the main thread asks for those that were too long. */
const past: Array<{ readonly silence: Silence; readonly ended: Promise<void> }> = [];

function watch(): void {
  const { now, stoodStill } = wake();
  listen();
  if (!readBeat(heartbeat).hasDebugger) {
    silence.watch(now);
    const isSeen = silence.samples.length > 0 || !canLook;
    if (!isTold && isSeen && silence.lengthAt(now) > stuckMs) tell(now);
  }
  const rest = silence.nextLook - now;
  // When everything has stood still, the main thread gets its turn to come round before it is looked at. However long this
  // silence goes on, another one may begin meanwhile.
  const sleep = Math.min(stoodStill || rest <= 0 ? Math.max(beatMs, rest) : rest, settings.lookAfterMs);
  dueAt = now + sleep;
  setTimeout(watch, sleep);
}

function wake(): { now: number; stoodStill: boolean } {
  const now = mainTime(heartbeat);
  const stoodStill = now - dueAt > sleepMs;
  if (stoodStill) {
    keep(asleep, { from: dueAt, to: now });
    silence.excuse(now - dueAt);
    dueAt = now;
  }
  return { now, stoodStill };
}

/** Whether the main thread has come round. */
function listen(): void {
  const { at } = readBeat(heartbeat);
  if (at === silence.beat) return;
  if (silence.wasLookedInto) keep(past, { silence, ended: silence.end() });
  silence = new Silence(at, settings);
  isTold = false;
}

function keep<T>(latest: T[], item: T): void {
  latest.push(item);
  if (latest.length > 10) latest.shift();
}

/** The main thread may never come to tell it by itself. */
function tell(now: number): void {
  isTold = true;
  const lines = blockingPlace(silence.samples).stack.map((frame) => `    ${placeText(frame)}`);
  const text = `The event loop has been blocked for ${(silence.lengthAt(now) / 1000).toFixed(1)} s and still is:`;
  writeWithoutBlocking(`${[text, ...lines].join('\n')}\n`);
}

/** A thread that waited for the reader of standard error would keep the process from exiting. */
function writeWithoutBlocking(text: string): void {
  try {
    writeSync(nonBlockingError(), text);
  } catch {
    // The reader is behind or gone.
  }
}

/** Opens pipes and terminals again, because Node makes a terminal block, and a child process that inherits it a pipe. */
function nonBlockingError(): number {
  // Always with `bigint`: `fstatSync` of a pipe without it lets `realpathSync` of Node fail.
  const stats = fstatSync(2, { bigint: true });
  if (process.platform !== 'linux' || !(stats.isFIFO() || stats.isCharacterDevice())) return 2;
  try {
    return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 2;
  }
}

async function recovered({ id, from, to }: Recovery): Promise<void> {
  wake();
  listen();
  const suspendedMs = asleep
    .map((span) => Math.min(to, span.to) - Math.max(from, span.from))
    .reduce((sum, overlap) => sum + Math.max(0, overlap), 0);
  // Beats are kept in whole microseconds.
  const meant = past.filter(({ silence: { beat } }) => beat > from - 0.01 && beat < to - 0.01);
  await Promise.all(meant.map(({ ended }) => ended));
  const sighting: Sighting = { id, samples: meant.flatMap(({ silence: { samples } }) => samples), suspendedMs };
  parentPort!.postMessage(sighting);
}

parentPort!.on('message', (recovery: Recovery) => void recovered(recovery));
watch();
parentPort!.postMessage({ canLook });
