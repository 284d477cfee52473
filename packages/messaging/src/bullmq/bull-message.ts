/** Messages as the data of BullMQ's jobs, readable in its dashboards. */
import { isUtf8 } from 'node:buffer';
import type { Job } from 'bullmq';
import type { Claimed, DeadEnvelope, Envelope } from '../engine/engine.ts';

/** The data of a job. */
export interface JobData {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly payload: string;
  /** Missing if the payload is text. */
  readonly encoding?: 'base64';
  /** Number of started attempts that do not count. */
  readonly uncounted?: number;
  /** The code of the error, and the number of attempts, of a dead letter. */
  readonly code?: string;
  readonly attempts?: number;
}

export type BullJob = Job<JobData>;

export function dataOf({ id, headers, payload }: Envelope, key: string | undefined): JobData {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const named = { id, headers, ...(key !== undefined && { key }) };
  return isUtf8(bytes)
    ? { ...named, payload: bytes.toString('utf8') }
    : { ...named, payload: bytes.toString('base64'), encoding: 'base64' };
}

function envelopeOf({ data: { id, headers, payload, encoding } }: BullJob): Envelope {
  return { id, headers, payload: Buffer.from(payload, encoding ?? 'utf8') };
}

/** A job that this process has claimed with a token. */
export interface BullMessage extends Claimed {
  readonly job: BullJob;
  readonly token: string;
}

export function messageOf(job: BullJob, token: string): BullMessage {
  const { attemptsStarted, data } = job;
  return { ...envelopeOf(job), attempt: attemptsStarted - (data.uncounted ?? 0), job, token };
}

export function letterOf(job: BullJob): DeadEnvelope {
  const { data, failedReason, finishedOn = 0, attemptsStarted } = job;
  return {
    ...envelopeOf(job),
    reason: failedReason,
    code: data.code,
    attempts: data.attempts ?? attemptsStarted,
    failedAt: new Date(finishedOn),
  };
}
