/** `asphalt config diff`: prints the options that differ between two configurations. */
import type { LoadedConfig } from '@asphalt/core/config';
import { diffConfig, type ConfigDifference } from '@asphalt/core/inspect';
import { ConfigBaseError } from './base-error.ts';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { attempt, type Terminal } from './attempt.ts';
import { valueText } from './value-text.ts';

export async function diff(
  before: ApplicationArguments,
  after: ApplicationArguments,
  terminal: Terminal,
): Promise<number> {
  return await attempt(terminal, async () => {
    const { differences, problems } = await diffConfig(await loadWhole(before), await loadWhole(after));
    terminal.write(differences.length === 0 ? 'No option differs\n' : differences.map(differenceText).join(''));
    return problems;
  });
}

async function loadWhole(args: ApplicationArguments): Promise<LoadedConfig> {
  const config = await loadApplicationConfig(args, { requireRootType: false });
  if ((config.root.section['type'] ?? undefined) === undefined) throw new ConfigBaseError(args.files);
  return config;
}

function differenceText({ path, before, after }: ConfigDifference): string {
  return `${path}\n${side('-', before)}${side('+', after)}`;
}

function side(sign: string, source: ConfigDifference['before']): string {
  return source === undefined ? `  ${sign} (not set)\n` : `  ${sign} ${valueText(source.value)}  (${source.from})\n`;
}
