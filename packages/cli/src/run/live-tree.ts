/**
 * Draws the tree of components on a terminal while they start, and redraws it in place. Other output appears above the
 * tree. The tree is erased when the start ends.
 */
import type { Output } from '../terminal/output.ts';
import type { StartStatus } from './start-status.ts';

/** The delay before the first drawing, in milliseconds. Shorter starts show no tree. */
const delayMs = 100;

/** The time between redraws, in milliseconds. */
const redrawMs = 100;

/** Whether a moving tree is useful: on an interactive terminal, outside of production and CI. */
export function showsTree({ isTerminal }: Output, env: NodeJS.ProcessEnv = process.env): boolean {
  const { CI = '', TERM, NODE_ENV } = env;
  return isTerminal && TERM !== 'dumb' && NODE_ENV !== 'production' && (CI === '' || CI === 'false');
}

type Terminal = Pick<Output, 'isTerminal' | 'isBehind' | 'paint' | 'beforeWriting' | 'screen'>;

export class LiveTree {
  readonly #statusNow: () => StartStatus;
  readonly #terminal: Terminal;
  readonly #others: readonly Terminal[];
  #timer: NodeJS.Timeout;
  #undo: Array<() => void> = [];
  #isOver = false;

  /**
   * @param statusNow - returns the current status
   * @param terminal - shows the tree
   * @param others - other outputs that may write to the same terminal
   */
  constructor(statusNow: () => StartStatus, terminal: Terminal, others: readonly Terminal[]) {
    this.#statusNow = statusNow;
    this.#terminal = terminal;
    this.#others = others;
    this.#timer = setTimeout(() => void this.#show(), delayMs).unref();
    // A second signal exits the process immediately, so the tree must be erased then.
    process.once('exit', this.end);
  }

  /** Erases the tree. */
  readonly end = (): void => {
    this.#isOver = true;
    clearTimeout(this.#timer);
    process.off('exit', this.end);
    for (const undo of this.#undo.splice(0)) undo();
  };

  /** Loads the modules that draw, so that a short start does not load them. */
  async #show(): Promise<void> {
    const [{ createLogUpdate }, { brokenRows, treeLines }] = await Promise.all([
      import('log-update'),
      import('./tree-text.ts'),
    ]);
    if (this.#isOver) return;
    const terminal = this.#terminal;
    const screen = terminal.screen();
    // A hidden cursor would stay hidden after the process is killed.
    const update = createLogUpdate(screen as NodeJS.WriteStream, { showCursor: true });
    let isAtLineStart = true;
    let drawn: readonly string[] = [];
    /** A narrowed terminal wraps lines into more rows than log-update counts. Erases these rows. */
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
      // Drawing would later erase an unfinished line of other output.
      if (!isAtLineStart || terminal.isBehind) return;
      eraseBroken();
      drawn = treeLines(this.#statusNow(), performance.now(), screen, terminal.paint);
      update(drawn.join('\n'));
    };
    const shared = [terminal, ...this.#others].filter(({ isTerminal }) => isTerminal);
    this.#undo = [clear, ...shared.map((output) => output.beforeWriting(makeRoom))];
    this.#timer = setInterval(draw, redrawMs).unref();
    draw();
  }
}
