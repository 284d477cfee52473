/** Reads the stack of the main thread from another thread: pauses it briefly through the inspector. */
import type { Debugger, Session } from 'node:inspector';
import { isOwn } from '../blocking-place.ts';
import type { DelayingComponent } from '../delay.ts';
import { placeKey, type Sample } from '../messages.ts';
import { sourcePlace, type Script } from './source-place.ts';

/** The number of calls that a sample contains. */
const deepest = 50;
/** The number of calls that a sample contains from the first call of the program. */
const callersOfOwn = 10;

/** The number of steps from code of Node or of a package in which code of the program may follow. */
const mostSteps = 20;

export class MainThread {
  readonly #session: Session;
  readonly #scripts = new Map<string, Script>();
  /** The expression, evaluated in a frame of the main thread, that returns the component that is `this`. */
  readonly #ownerExpression: string;
  readonly #clock: () => number;
  /** Set from a call of {@link look} until the main thread is paused. */
  #onPaused: ((callFrames: readonly Debugger.CallFrame[]) => void) | undefined;
  #abandon: (() => void) | undefined;
  #isEnabled = false;
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
    this.#enable();
  }

  /**
   * Pauses the main thread at its next statement, reads its stack and resumes it. If the stack has no code of the program,
   * continues step by step to the next code: between two callbacks, the stack shows only code of Node.
   *
   * @param isWanted - called when the main thread is paused; returns false if it has proceeded to other code
   * @returns undefined if the sample is no longer wanted
   */
  look(isWanted: () => boolean): Promise<Sample | undefined> {
    if (!this.#isEnabled) this.#enable();
    this.#look = new Promise((resolve) => {
      let steps = 0;
      let beforeSteps: Sample | undefined;
      const onPaused = (callFrames: readonly Debugger.CallFrame[]): void => {
        if (!isWanted()) return resolve(this.#resume(steps > 0).then(() => beforeSteps));
        if (steps === mostSteps || callFrames.some((frame) => this.#isOwn(frame)))
          return resolve(this.#read(callFrames, steps > 0));
        beforeSteps ??= { at: this.#clock(), frames: this.#frames(callFrames), owners: [], functions: [] };
        steps++;
        this.#onPaused = onPaused;
        this.#session.post('Debugger.stepInto');
      };
      this.#onPaused = onPaused;
      this.#abandon = () => resolve(beforeSteps);
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

  #enable(): void {
    this.#isEnabled = true;
    this.#session.post('Debugger.enable');
  }

  async #read(callFrames: readonly Debugger.CallFrame[], hasStepped: boolean): Promise<Sample> {
    const at = this.#clock();
    // A package that calls itself deeply must not hide the function of the program that called it.
    const firstOwn = callFrames.findIndex((frame) => this.#isOwn(frame));
    const frames = callFrames.slice(0, Math.max(deepest, firstOwn + callersOfOwn));
    const owners: Array<DelayingComponent | undefined> = frames.map(() => undefined);
    // The main thread resumes after the last response.
    for (const [index, frame] of frames.entries()) {
      if (this.#scriptOf(frame).url.startsWith('node:')) continue;
      const question = {
        callFrameId: frame.callFrameId,
        expression: this.#ownerExpression,
        silent: true,
        returnByValue: true,
      };
      this.#session.post('Debugger.evaluateOnCallFrame', question, (error, answer) => {
        // Some frames do not support evaluation, and none does if the main thread exits.
        if (error) return;
        const { result } = answer as Debugger.EvaluateOnCallFrameReturnType;
        owners[index] = result.value as DelayingComponent | undefined;
      });
    }
    await this.#resume(hasStepped);
    return { at, frames: this.#frames(frames), owners, functions: frames.map(functionOf) };
  }

  /** Disables the debugger after steps, because functions that it has stepped through never run optimized with it. */
  #resume(hasStepped = false): Promise<undefined> {
    this.#isEnabled = !hasStepped;
    const method = hasStepped ? 'Debugger.disable' : 'Debugger.resume';
    return new Promise((resolve) => this.#session.post(method, () => resolve(undefined)));
  }

  #frames(callFrames: readonly Debugger.CallFrame[]): Sample['frames'] {
    return callFrames.map((frame) => this.#frame(frame));
  }

  #frame(frame: Debugger.CallFrame): Sample['frames'][number] {
    const { functionName, location } = frame;
    const place = sourcePlace(this.#scriptOf(frame), location.lineNumber, location.columnNumber ?? 0);
    return { function: functionName || '(anonymous)', ...place };
  }

  #isOwn(frame: Debugger.CallFrame): boolean {
    return isOwn({ file: this.#scriptOf(frame).url });
  }

  /** The frame itself can lack the URL. */
  #scriptOf({ location, url }: Debugger.CallFrame): Script {
    return this.#scripts.get(location.scriptId) ?? { url, sourceMapURL: undefined };
  }
}

function functionOf({ functionLocation }: Debugger.CallFrame): string {
  return functionLocation ? placeKey(functionLocation) : '';
}
