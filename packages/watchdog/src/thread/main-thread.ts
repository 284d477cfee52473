/** The main thread as another thread sees it through the inspector: it can be stopped for a moment and looked at. */
import type { Debugger, Session } from 'node:inspector';
import type { DelayingComponent } from '../delay.ts';
import type { Sample } from '../messages.ts';
import { sourcePlace, type Script } from './source-place.ts';

const deepest = 50;

export class MainThread {
  readonly #session: Session;
  readonly #scripts = new Map<string, Script>();
  /** Asks, where the main thread stands, whose `this` is. */
  readonly #ownerExpression: string;
  readonly #clock: () => number;
  /** There from a call of {@link look} until the main thread stops. */
  #asked: ((callFrames: readonly Debugger.CallFrame[]) => void) | undefined;
  #giveUp: (() => void) | undefined;
  #look: Promise<Sample | undefined> | undefined;

  /** Attaching costs the main thread some milliseconds, so it is done only when there is something to see. */
  constructor(SessionClass: typeof Session, ownerSymbol: string, clock: () => number) {
    this.#clock = clock;
    this.#ownerExpression = `globalThis[Symbol.for(${JSON.stringify(ownerSymbol)})]?.(this)`;
    this.#session = new SessionClass();
    this.#session.connectToMainThread();
    this.#session.on('Debugger.scriptParsed', ({ params: { scriptId, url, sourceMapURL } }) =>
      this.#scripts.set(scriptId, { url, sourceMapURL }),
    );
    this.#session.on('Debugger.paused', ({ params: { callFrames } }) => {
      const asked = this.#asked;
      this.#asked = undefined;
      if (asked) asked(callFrames);
      else void this.#letGo();
    });
    this.#session.post('Debugger.enable');
  }

  /**
   * Stops the main thread at the next statement that it carries out, reads its stack and lets it go on.
   *
   * @param isWanted - asked when the main thread has been stopped: it may have come to something else by then
   */
  look(isWanted: () => boolean): Promise<Sample | undefined> {
    this.#look = new Promise((resolve) => {
      this.#asked = (callFrames) => resolve(isWanted() ? this.#read(callFrames) : this.#letGo());
      this.#giveUp = () => resolve(undefined);
      this.#session.post('Debugger.pause');
    });
    return this.#look;
  }

  /** Lets go of the main thread. A look that has not begun is given up; one that has is finished. */
  async leave(): Promise<void> {
    if (this.#asked) this.#giveUp?.();
    await this.#look;
    this.#session.disconnect();
  }

  async #read(callFrames: readonly Debugger.CallFrame[]): Promise<Sample> {
    const at = this.#clock();
    const frames = callFrames.slice(0, deepest);
    let component: DelayingComponent | undefined;
    // The answers come in the order of the questions, and the main thread goes on after the last of them.
    for (const { callFrameId, url } of frames) {
      if (url.startsWith('node:')) continue;
      const question = { callFrameId, expression: this.#ownerExpression, silent: true, returnByValue: true };
      this.#session.post('Debugger.evaluateOnCallFrame', question, (error, answer) => {
        // Some frames cannot be asked, and none when the main thread goes away.
        if (error) return;
        const { result } = answer as Debugger.EvaluateOnCallFrameReturnType;
        component ??= result.value as DelayingComponent | undefined;
      });
    }
    await this.#letGo();
    return { at, frames: frames.map((frame) => this.#frame(frame)), component };
  }

  #letGo(): Promise<undefined> {
    return new Promise((resolve) => this.#session.post('Debugger.resume', () => resolve(undefined)));
  }

  #frame({ functionName, url, location }: Debugger.CallFrame): Sample['frames'][number] {
    const script = this.#scripts.get(location.scriptId) ?? { url, sourceMapURL: undefined };
    const place = sourcePlace(script, location.lineNumber, location.columnNumber ?? 0);
    return { function: functionName || '(anonymous)', ...place };
  }
}
