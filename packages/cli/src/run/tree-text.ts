/**
 * Formats the tree of components while they start: the current work of each one and its duration. Does not write to the
 * terminal.
 */
import type { ComponentNode } from '@asphalt/core';
import { keyText } from '@asphalt/core/inspect';
import stringWidth from 'string-width';
import type { Paint } from '../terminal/paint.ts';
import { componentName, durationText } from '../recording/names.ts';
import { listText } from './hang-notice.ts';
import type { ComponentStatus, StartStatus } from './start-status.ts';

export interface TreeSize {
  readonly columns: number;
  readonly rows: number;
}

/** The smallest supported size, so that lines have room for text. */
const smallest: TreeSize = { columns: 20, rows: 3 };

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A piece of a line and its format. A shrinkable piece is shortened before the pieces after it. */
type Piece = readonly [text: string, format?: Parameters<Paint>[0], shrinks?: 'shrinks'];

/** Returns the lines of the tree. If the terminal is too small for all components, active ones have priority. */
export function treeLines(status: StartStatus, now: number, size: TreeSize, paint: Paint): string[] {
  const columns = Math.max(size.columns, smallest.columns) - 1;
  const room = Math.max(size.rows, smallest.rows) - 1;
  const lines: Piece[][] = [
    [
      ['Starting ', 'bold'],
      [durationText(now - status.beganAt), 'dim'],
    ],
  ];
  const { components } = status;
  if (components.length < room) {
    const branches = branchesOf(components.map(({ node }) => node));
    lines.push(
      ...components.map(
        (component, index) => [[branches[index]!, 'dim'], ...pieces(status, component, now)] as Piece[],
      ),
    );
  } else {
    const important = [...components].sort((a, b) => urgency[a.state] - urgency[b.state]).slice(0, room - 2);
    const shown = new Set(important);
    for (const component of components) {
      if (shown.has(component)) lines.push(pieces(status, component, now, componentName(component.node)));
    }
    const count = (state: ComponentStatus['state']): number => components.filter((each) => each.state === state).length;
    lines.push([[`${components.length} components: ${count('started')} started, ${count('waiting')} waiting`, 'dim']]);
  }
  return lines.map((line) => painted(line, columns, paint));
}

const urgency = { failed: 0, working: 1, waiting: 2, started: 3 } as const;

function pieces(
  status: StartStatus,
  component: ComponentStatus,
  now: number,
  name = component.node.alias || componentName(component.node),
): Piece[] {
  const { state, beganAt = now, endedAt = now, missing, progress } = component;
  switch (state) {
    case 'working': {
      const frame = frames[Math.floor(now / 100) % frames.length]!;
      const work = status.work(component);
      const doing =
        missing.length > 0 ? `waiting for ${listText(missing.map(keyText))}` : work.map(({ call }) => call).join(', ');
      const since = Math.min(...work.map((each) => each.since));
      return [
        [`${frame} `, 'cyan'],
        [name],
        [
          `  ${doing}${progress === undefined ? '' : `: ${progress}`}`,
          missing.length > 0 ? 'yellow' : 'dim',
          'shrinks',
        ],
        [`  ${durationText(now - since)}`, 'dim'],
      ];
    }
    case 'waiting': {
      const blockers = status.blockersOf(component).map(componentName);
      return [
        ['· ', 'dim'],
        [name, 'dim'],
        [blockers.length > 0 ? `  waiting for ${listText(blockers)}` : '', 'dim'],
      ];
    }
    case 'started':
      return [['✓ ', 'green'], [name], [`  ${durationText(endedAt - beganAt)}`, 'dim']];
    case 'failed':
      return [
        ['✗ ', 'red'],
        [name, 'red'],
        ['  failed', 'red'],
      ];
  }
}

/** Returns the branch in front of each component. Expects parents before their children. */
function branchesOf(nodes: readonly ComponentNode[]): string[] {
  const margins = new Map<ComponentNode, string>();
  return nodes.map((node) => {
    const { parent } = node;
    if (!parent) {
      margins.set(node, '');
      return '';
    }
    const isLast = parent.children.at(-1) === node;
    const margin = margins.get(parent)!;
    margins.set(node, `${margin}${isLast ? '   ' : '│  '}`);
    return `${margin}${isLast ? '└─ ' : '├─ '}`;
  });
}

/** Joins pieces to a line that fits into the columns. */
function painted(line: readonly Piece[], columns: number, paint: Paint): string {
  let excess = line.reduce((sum, [text]) => sum + stringWidth(text), 0) - columns;
  let left = columns;
  return line
    .map(([text, format, shrinks]) => {
      const width = stringWidth(text);
      const wanted = shrinks && excess > 0 ? Math.max(0, width - excess) : width;
      excess -= width - wanted;
      const part = shortened(text, Math.min(wanted, left));
      // No piece follows truncated text, even if a two-column character leaves one column free.
      left = part === text || shrinks ? left - stringWidth(part) : 0;
      return part === '' || format === undefined ? part : paint(format, part);
    })
    .join('');
}

/** Returns the number of additional rows that lines take because the terminal wraps them. */
export function brokenRows(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(0, Math.ceil(stringWidth(line) / columns) - 1), 0);
}

const characters = new Intl.Segmenter();

/** Truncates a text to the columns. Some characters take two columns. */
function shortened(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  for (const { segment } of characters.segment(text)) {
    left -= stringWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return columns <= 0 ? '' : `${kept}…`;
}
