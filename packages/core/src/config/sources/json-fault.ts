/** Finds the position of a JSON syntax error, because not every JavaScript engine reports it. */
import { visit } from 'yaml';
import { parseWithinBounds } from './yaml-document.ts';

const jsonScalar = /^(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)$/i;

/** Returns the offset of the first JSON syntax error, as far as a YAML parser can find it. */
export function findJsonFault(text: string): number | undefined {
  try {
    const document = parseWithinBounds(text);
    let offset = document.errors[0]?.pos[0];
    visit(document, {
      Scalar(key, node) {
        const fits =
          node.type === 'QUOTE_DOUBLE' ||
          (node.type === 'PLAIN' && key !== 'key' && jsonScalar.test(node.source ?? ''));
        if (!fits && node.range && (offset === undefined || node.range[0] < offset)) offset = node.range[0];
      },
    });
    return offset;
  } catch {
    return undefined;
  }
}
