/** Reads the stack of the main thread from another thread: pauses it briefly through the inspector. */
import type { Debugger, Session } from 'node:inspector';
import type { DelayingComponent } from '../delay.ts';
import type { Sample } from '../messages.ts';
import { sourcePlace, type Script } from './source-place.ts';

const deepest = 50;

export class MainThread {
  readonly #session: Session;
  readonly #scripts = new Map<string, Script>();
  /** The expression, evaluated in a frame of the main thread, that returns the component that is `this`. */
  readonly #ownerExpression: string;
  readonly #clock: () => number;
  /** Set from a call of {@link look} until the main thread is paused. */
  #onPaused: ((callFrames: readonly Debugger.CallFrame[]) => void) | undefined;
  #abandon: (() => void) | undefined;
  #look: Promise<Sample | undefined> | undefined;

  /** Connects to the main thread, which takes the main thread some milliseconds. Create an instance only for a delay. */
  constructor(SessionClass: typeof Session, ownerSymbol: string, clock: () => number) {
    this.#clock = clock;
    this.#ownerExpression = `globalThis[Symbol.for(${JSON.stringify(ownerSymbol)})]?.(this)`;
    this.#session = new SessionClass();
    this.#session.connectToMainThread();
    this.#session.on('Debugger.scriptParsed', ({ params: { scriptId, url, sourceMapURL } }) =>
      this.#scripts.set(scriptId, { url, sourceMapURL }),
    );
    this.#session.on('Debugger.paused', ({ params: { callFrames } }) => {
      const onPaused = this.#onPaused;
      this.#onPaused = undefined;
      if (onPaused) onPaused(callFrames);
      else void this.#resume();
    });
    this.#session.post('Debugger.enable');
  }

  /**
   * Pauses the main thread at its next statement, reads its stack and resumes it.
   *
   * @param isWanted - called when the main thread is paused; returns false if it has proceeded to other code
   * @returns undefined if the sample is no longer wanted
   */
  look(isWanted: () => boolean): Promise<Sample | undefined> {
    this.#look = new Promise((resolve) => {
      this.#onPaused = (callFrames) => resolve(isWanted() ? this.#read(callFrames) : this.#resume());
      this.#abandon = () => resolve(undefined);
      this.#session.post('Debugger.pause');
    });
    return this.#look;
  }

  /** Disconnects from the main thread. Abandons a look that has not paused it yet, and completes one that has. */
  async leave(): Promise<void> {
    if (this.#onPaused) this.#abandon?.();
    await this.#look;
    this.#session.disconnect();
  }

  async #read(callFrames: readonly Debugger.CallFrame[]): Promise<Sample> {
    const at = this.#clock();
    const frames = callFrames.slice(0, deepest);
    let component: DelayingComponent | undefined;
    // The responses arrive in the order of the requests, and the main thread resumes after the last one.
    for (const { callFrameId, url } of frames) {
      if (url.startsWith('node:')) continue;
      const question = { callFrameId, expression: this.#ownerExpression, silent: true, returnByValue: true };
      this.#session.post('Debugger.evaluateOnCallFrame', question, (error, answer) => {
        // Some frames do not support evaluation, and none does if the main thread exits.
        if (error) return;
        const { result } = answer as Debugger.EvaluateOnCallFrameReturnType;
        component ??= result.value as DelayingComponent | undefined;
      });
    }
    await this.#resume();
    return { at, frames: frames.map((frame) => this.#frame(frame)), component };
  }

  #resume(): Promise<undefined> {
    return new Promise((resolve) => this.#session.post('Debugger.resume', () => resolve(undefined)));
  }

  #frame({ functionName, url, location }: Debugger.CallFrame): Sample['frames'][number] {
    const script = this.#scripts.get(location.scriptId) ?? { url, sourceMapURL: undefined };
    const place = sourcePlace(script, location.lineNumber, location.columnNumber ?? 0);
    return { function: functionName || '(anonymous)', ...place };
  }
}
