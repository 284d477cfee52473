/** `asphalt config diff`: the options that differ between two configurations. */
import { diffConfig, type ConfigDifference } from '@asphalt/core';
import { attempt, load, type ConfigArguments, type Terminal } from './load.ts';
import { valueText } from './value-text.ts';

export async function diff(before: ConfigArguments, after: ConfigArguments, terminal: Terminal): Promise<number> {
  return await attempt(terminal, async () => {
    const { differences, problems } = await diffConfig(await load(before), await load(after));
    terminal.write(differences.length === 0 ? 'No option differs\n' : differences.map(differenceText).join(''));
    return problems;
  });
}

export function differenceText({ path, before, after }: ConfigDifference): string {
  return `${path}\n${side('-', before)}${side('+', after)}`;
}

function side(sign: string, said: ConfigDifference['before']): string {
  return said === undefined ? `  ${sign} (not set)\n` : `  ${sign} ${valueText(said.value)}  (${said.from})\n`;
}
