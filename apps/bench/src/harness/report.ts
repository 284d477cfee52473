/** Formats results: a Markdown table for each workload, and JSON for tools. Must not measure anything. */
import type { Result, Spread } from './statistics.ts';
import type { Unit, Workload } from './workload.ts';

export interface Measured {
  readonly workload: Workload;
  readonly results: readonly Result[];
}

/** Returns one entry for each workload and subject; `value` is null if the subject failed. */
export function reportJson(measured: readonly Measured[]): string {
  const entries = measured.flatMap(({ workload, results }) =>
    results.map(({ subject, value, ratio }) => ({
      workload: workload.name,
      subject,
      value: value?.median ?? null,
      unit: workload.unit,
      ratio_to_hand: ratio?.median ?? null,
    })),
  );
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}

export function reportMarkdown({ workload, results }: Measured): string {
  const { name, measures, target, unit, yardstick } = workload;
  const sorted = results.toSorted((a, b) => (a.value?.median ?? Infinity) - (b.value?.median ?? Infinity));
  const beside = [...new Set(results.flatMap((result) => Object.keys(result.beside)))];
  const hasNotes = workload.subjects.some(({ note }) => note !== undefined) || results.some(({ failure }) => failure);
  const head = [
    'subject',
    ...(yardstick === undefined ? [] : [`× ${yardstick}`]),
    unit,
    ...beside,
    'rounds',
    ...(hasNotes ? ['note'] : []),
  ];
  const rows = sorted.map((result) => {
    const note = workload.subjects.find((subject) => subject.name === result.subject)?.note;
    const failure = result.failure === undefined ? undefined : `fails: ${escaped(result.failure)}`;
    return [
      result.subject === 'asphalt' ? '**asphalt**' : result.subject,
      ...(yardstick === undefined ? [] : [spreadText(result.ratio)]),
      spreadText(result.value, unit),
      ...beside.map((what) => (what in result.beside ? numberText(result.beside[what]!) : '')),
      String(result.rounds),
      ...(hasNotes ? [[note, failure].filter(Boolean).join('; ')] : []),
    ];
  });
  const table = [head, head.map((title) => (title === 'subject' || title === 'note' ? '---' : '---:')), ...rows];
  return [`### ${name}`, '', `${measures} Target: ${target}.`, '', ...table.map(rowText), ''].join('\n');
}

export function rowText(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function spreadText(spread: Spread | undefined, unit?: Unit): string {
  if (!spread) return '';
  const digits = unit === 'bytes' ? wholeText : numberText;
  return `${digits(spread.median)} (${digits(spread.lower)}–${digits(spread.upper)})`;
}

/** Formats a number with three significant digits. */
export function numberText(value: number): string {
  const magnitude = Math.floor(Math.log10(Math.abs(value) || 1));
  return value.toFixed(Math.max(0, 2 - Math.max(magnitude, 0)));
}

function wholeText(value: number): string {
  return value.toFixed(0);
}

function escaped(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 99)}…` : text;
  return `\`${short.replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}
