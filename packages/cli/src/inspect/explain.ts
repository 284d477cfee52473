/** `asphalt explain KEY`: shows which component provides a resource, why, and which components need it. */
import { explainKey, type KeyExplanation, type NeedExplanation, type ProviderExplanation } from '@asphalt/core/inspect';
import { keyLabel } from '../draw/edges.ts';
import type { Output } from '../terminal/output.ts';
import { placeText } from '../terminal/place-text.ts';
import type { Paint } from '../terminal/paint.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { planOf } from '../load/plan.ts';

export type ExplainFormat = 'text' | 'json';

export interface ExplainOptions extends ApplicationArguments {
  readonly key: string;
  readonly format: ExplainFormat;
  readonly stdout: Output;
}

/** Explains all resources that match a key. @returns the exit code: 1 if a component needs one that nothing provides */
export async function explain({ key, format, stdout, ...args }: ExplainOptions): Promise<number> {
  const explanations = explainKey(await planOf(args), key);
  stdout.write(
    format === 'json'
      ? `${JSON.stringify(explanations, undefined, 2)}\n`
      : explanations.map((explanation) => keyText(explanation, stdout.paint)).join('\n'),
  );
  return explanations.some(isMissing) ? 1 : 0;
}

function isMissing({ providers, needs }: KeyExplanation): boolean {
  const kinds: ReadonlyArray<NeedExplanation['kind']> = ['need', 'deferred', 'event'];
  return providers.length === 0 && needs.some(({ kind, given }) => kinds.includes(kind) && !given);
}

function keyText(explanation: KeyExplanation, paint: Paint): string {
  const { providers, needs } = explanation;
  const source = isMissing(explanation)
    ? paint('red', 'no component, so the application cannot start')
    : needs.some(({ given }) => given)
      ? 'the runtime'
      : 'no component';
  return [
    paint('bold', keyLabel(explanation)),
    ...(providers.length === 0 ? [labelled('provided by', source)] : providers.flatMap(providerLines)),
    ...(needs.length === 0 ? [labelled('needed by', 'nothing in the graph')] : needs.map(needLine)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function providerLines({ component, type, member, place, trail, scope, why, from }: ProviderExplanation): string[] {
  const how = member === undefined ? 'declared on the class' : `${member}()`;
  const lines = [
    labelled('provided by', `${componentText(component, type)}, ${how}`),
    place && labelled('declared at', placeText(place)),
    component !== '' && labelled('path', trail),
    from !== undefined && labelled('added by', from),
    labelled('why', why),
    labelled('lifetime', scope === 'context' ? 'the context that requests it' : 'the application'),
  ];
  return lines.filter((line) => typeof line === 'string');
}

function needLine({ component, type, member, place, kind, why }: NeedExplanation, index: number): string {
  const how = { need: '', all: '', optional: ', optional', deferred: ', deferred', event: ', for its events' }[kind];
  const where = place ? ` (${placeText(place)})` : '';
  return labelled(
    index === 0 ? 'needed by' : '',
    `${componentText(component, type)}, ${member}${how} – ${why}${where}`,
  );
}

function componentText(path: string, type: string): string {
  return path === '' ? `the root component (${type})` : `\`${path}\` (${type})`;
}

function labelled(label: string, text: string): string {
  return `  ${label.padEnd(13)}${text}`;
}
