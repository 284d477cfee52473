/**
 * The watching thread. It sleeps until a silence of the main thread would be long enough for a sample, and sleeps again if
 * the main thread has sent a heartbeat.
 *
 * It detects a suspension of the whole process by its own delay: it does not wake in time either.
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { blockingPlace } from '../blocking-place.ts';
import { placeText } from '../delay.ts';
import { longestDelayMs, mainTime, readBeat } from '../heartbeat.ts';
import type { Recovery, Sighting, WatchSettings } from '../messages.ts';
import { Silence, type SilenceSettings } from './silence.ts';

const { heartbeat, thresholdMs, beatMs, stuckMs, ownerSymbol } = workerData as WatchSettings;
// The inspectors of some runtimes are missing or incomplete: Deno's cannot connect to the main thread, Bun's does not
// respond to questions about it.
const { Session } = await import('node:inspector').catch(() => ({ Session: undefined }));
const isComplete = !('deno' in process.versions || 'bun' in process.versions);
const canLook = isComplete && typeof Session?.prototype.connectToMainThread === 'function';

const settings: SilenceSettings = {
  Session: canLook ? Session : undefined,
  ownerSymbol,
  // Earlier than a silence counts as a delay, so that every delay has a sample.
  lookAfterMs: beatMs + 0.6 * thresholdMs,
  clock: () => mainTime(heartbeat),
  lastBeat: () => readBeat(heartbeat).at,
};

/** The delay of this thread that counts as a suspension of the process. A busy machine causes shorter delays. */
const sleepMs = Math.max(50, thresholdMs / 2);

/** When this thread should wake next. */
let dueAt = mainTime(heartbeat);
/** The latest spans in which this thread did not wake although it should have. */
const asleep: Array<{ readonly from: number; readonly to: number }> = [];

let silence = new Silence(readBeat(heartbeat).at, settings);
let isReported = false;
/** The latest silences with samples. The main thread requests those that were too long. */
const past: Array<{ readonly silence: Silence; readonly ended: Promise<void> }> = [];

function watch(): void {
  const { now, wasSuspended } = wake();
  listen();
  if (!readBeat(heartbeat).hasDebugger) {
    silence.watch(now);
    const isSeen = silence.samples.length > 0 || !canLook;
    if (!isReported && isSeen && silence.lengthAt(now) > stuckMs) reportStuck(now);
  }
  const rest = silence.nextLook - now;
  // After a suspension, the main thread has time for a heartbeat before the next sample. The sleep is limited, because
  // another silence can start during it.
  const due = wasSuspended || rest <= 0 ? Math.max(beatMs, rest) : rest;
  const sleep = Math.min(due, settings.lookAfterMs, longestDelayMs);
  dueAt = now + sleep;
  setTimeout(watch, sleep);
}

function wake(): { now: number; wasSuspended: boolean } {
  const now = mainTime(heartbeat);
  const wasSuspended = now - dueAt > sleepMs;
  if (wasSuspended) {
    keep(asleep, { from: dueAt, to: now });
    silence.excuse(now - dueAt);
    dueAt = now;
  }
  return { now, wasSuspended };
}

/** Ends the silence if the main thread has sent a heartbeat. */
function listen(): void {
  const { at } = readBeat(heartbeat);
  if (at === silence.beat) return;
  if (silence.wasSampled) keep(past, { silence, ended: silence.end() });
  silence = new Silence(at, settings);
  isReported = false;
}

function keep<T>(latest: T[], item: T): void {
  latest.push(item);
  if (latest.length > 10) latest.shift();
}

/** Writes the stack of a blocked main thread to standard error, because the main thread may never run again. */
function reportStuck(now: number): void {
  isReported = true;
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
  // Heartbeats are rounded to microseconds.
  const matching = past.filter(({ silence: { beat } }) => beat > from - 0.01 && beat < to - 0.01);
  await Promise.all(matching.map(({ ended }) => ended));
  const sighting: Sighting = { id, samples: matching.flatMap(({ silence: { samples } }) => samples), suspendedMs };
  parentPort!.postMessage(sighting);
}

parentPort!.on('message', (recovery: Recovery) => void recovered(recovery));
watch();
parentPort!.postMessage({ canLook });
