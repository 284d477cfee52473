/** Creates the declared streams and buckets, and compares those that exist. It changes none, because others may use them. */
import { ConnectOptionsError } from '@asphalt/integration';
import type { JetStreamClient, StreamConfig } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConfig } from './options.ts';

/** The first versions of servers that know some settings of streams. Older ones ignore them. */
const newSettings = {
  '2.10': ['compression', 'consumer_limits', 'first_seq', 'metadata', 'subject_transform'],
  '2.11': ['allow_msg_ttl', 'subject_delete_marker_ttl'],
  '2.12': ['allow_atomic', 'allow_msg_counter', 'allow_msg_schedules', 'persist_mode'],
};

/**
 * Compares the version of a server with the features that the options need.
 *
 * @throws a ConnectOptionsError that names the version to install
 */
export function requireVersions({ streams }: NatsConfig, version: string): void {
  requireVersion(version, '2.9.4', 'url', 'this package');
  for (const [name, settings] of Object.entries(streams)) {
    for (const [since, names] of Object.entries(newSettings)) {
      const used = names.find((setting) => setting in settings);
      if (used !== undefined) requireVersion(version, since, `streams.${name}`, `\`${used}\``);
    }
  }
}

function requireVersion(version: string, since: string, option: string, feature: string): void {
  if (version.localeCompare(since, 'en', { numeric: true }) >= 0) return;
  const problem = `needs NATS ${since} for ${feature}, and the server has ${version}`;
  throw new ConnectOptionsError(option, problem, 'update the server');
}

/** @throws a ConnectOptionsError when a stream or bucket of the server differs from its settings */
export async function declare(
  { streams, buckets }: NatsConfig,
  jetStream: JetStreamClient,
  opened: Map<string, KV>,
): Promise<void> {
  const { JetStreamApiError, JetStreamApiCodes } = await import('@nats-io/jetstream');
  const { Kvm } = await import('@nats-io/kv');
  const manager = await jetStream.jetstreamManager(false);
  for (const [name, settings] of Object.entries(streams)) {
    const { config } = await manager.streams.info(name).catch(async (error: unknown) => {
      const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
      if (!isMissing) throw error;
      return manager.streams.add({ ...(settings as Partial<StreamConfig>), name });
    });
    compare(`streams.${name}`, settings, { ...config });
  }
  for (const [name, settings] of Object.entries(buckets)) {
    const bucket = await new Kvm(jetStream).create(name, { ...settings });
    const { history, ttl, storage, replicas } = await bucket.status();
    compare(`buckets.${name}`, settings, { history, ttl, storage, replicas });
    opened.set(name, bucket);
  }
}

function compare(option: string, settings: object, actual: Readonly<Record<string, unknown>>): void {
  const different = Object.entries(settings).filter(
    ([key, value]) => JSON.stringify(actual[key]) !== JSON.stringify(value),
  );
  if (different.length === 0) return;
  const names = different.map(([key]) => `\`${key}\``).join(', ');
  throw new ConnectOptionsError(option, `differs from the server in ${names}`);
}
