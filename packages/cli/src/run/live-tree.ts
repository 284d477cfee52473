/**
 * The tree of components on a terminal while they start, redrawn in place. What is written meanwhile stands above it,
 * and when the start is over, nothing of it is left.
 */
import type { Output } from '../terminal/output.ts';
import type { StartStatus } from './start-status.ts';

/** A start that takes no longer than this shows no tree, in milliseconds. */
const delayMs = 100;

/** How often the tree is redrawn, in milliseconds. */
const redrawMs = 100;

/** Whether somebody watches who has something of a tree that moves. */
export function showsTree({ isTerminal }: Output, env: NodeJS.ProcessEnv = process.env): boolean {
  const { CI = '', TERM, NODE_ENV } = env;
  return isTerminal && TERM !== 'dumb' && NODE_ENV !== 'production' && (CI === '' || CI === 'false');
}

type Terminal = Pick<Output, 'isTerminal' | 'isBehind' | 'paint' | 'beforeWriting' | 'screen'>;

export class LiveTree {
  readonly #status: StartStatus;
  readonly #terminal: Terminal;
  readonly #others: readonly Terminal[];
  #timer: NodeJS.Timeout;
  #undo: Array<() => void> = [];
  #isOver = false;

  /**
   * @param terminal - where the tree is drawn
   * @param others - what else may be written to the same terminal
   */
  constructor(status: StartStatus, terminal: Terminal, others: readonly Terminal[]) {
    this.#status = status;
    this.#terminal = terminal;
    this.#others = others;
    this.#timer = setTimeout(() => void this.#show(), delayMs).unref();
    // Whoever is told twice to stop ends the process at once.
    process.once('exit', this.end);
  }

  /** Takes the tree away. */
  readonly end = (): void => {
    this.#isOver = true;
    clearTimeout(this.#timer);
    process.off('exit', this.end);
    for (const undo of this.#undo.splice(0)) undo();
  };

  /** What draws is loaded only for those who wait. */
  async #show(): Promise<void> {
    const [{ createLogUpdate }, { brokenRows, treeLines }] = await Promise.all([
      import('log-update'),
      import('./tree-text.ts'),
    ]);
    if (this.#isOver) return;
    const terminal = this.#terminal;
    const screen = terminal.screen();
    // A hidden cursor would stay hidden where the process is killed.
    const update = createLogUpdate(screen as NodeJS.WriteStream, { showCursor: true });
    let isAtLineStart = true;
    let drawn: readonly string[] = [];
    /** What a terminal that got narrower has broken takes more rows than were written, and log-update counts those. */
    const eraseBroken = (): void => screen.write('\x1b[1A\x1b[2K'.repeat(brokenRows(drawn, screen.columns)));
    const clear = (): void => {
      eraseBroken();
      update.clear();
      drawn = [];
    };
    const makeRoom = (text: string): void => {
      clear();
      isAtLineStart = text.endsWith('\n');
    };
    const draw = (): void => {
      // Half a line of somebody else's would be taken away with the tree.
      if (!isAtLineStart || terminal.isBehind) return;
      eraseBroken();
      drawn = treeLines(this.#status, performance.now(), screen, terminal.paint);
      update(drawn.join('\n'));
    };
    const shared = [terminal, ...this.#others].filter(({ isTerminal }) => isTerminal);
    this.#undo = [clear, ...shared.map((output) => output.beforeWriting(makeRoom))];
    this.#timer = setInterval(draw, redrawMs).unref();
    draw();
  }
}
