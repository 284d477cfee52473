/**
 * The state of one component and the phases that it runs now. `RunningComponent` reports each phase; the start, the
 * stop, lookups and the component's context read the result. It must not run anything.
 */
import { defaultName } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Phase, PlannedComponent, StepIndex } from '../graph/plan.ts';
import type { ComponentState, LifecycleEvents } from './lifecycle.ts';

export class ComponentActivity {
  readonly node: ComponentNode;
  readonly #lastStep: StepIndex;
  readonly #events: LifecycleEvents;
  #state: ComponentState = 'initialized';
  #since = performance.now();
  readonly #running: Phase[] = [];
  #pending = 0;
  #progress: string | undefined;
  /** The step of the hook that runs or ran last. */
  #hook: StepIndex | undefined;

  constructor({ node, lastStep }: PlannedComponent, events: LifecycleEvents) {
    this.node = node;
    this.#lastStep = lastStep;
    this.#events = events;
  }

  get state(): ComponentState {
    return this.#state;
  }

  /** The time of the last state change, from `performance.now()`. */
  get since(): number {
    return this.#since;
  }

  /** Changes the state. */
  enter(state: ComponentState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = performance.now();
    this.#events.componentChanged(this.node, state, this.#since);
  }

  /** Changes the state for a hook. Explicit publications belong to its step until the next hook. */
  enterHook(state: ComponentState, step: StepIndex): void {
    this.enter(state);
    this.#hook = step;
  }

  begin(phase: Phase): void {
    this.#running.push(phase);
    this.#events.stepChanged(this.node, phase, 'begun');
  }

  /** Called when the code of a phase has returned a promise. */
  wait(phase: Phase): void {
    this.#pending++;
    this.#events.stepChanged(this.node, phase, 'pending');
  }

  /** Called when a phase has ended; `wait` was not called. */
  end(phase: Phase): void {
    this.#running.splice(this.#running.indexOf(phase), 1);
    if (this.#running.length === 0) this.#progress = undefined;
    this.#events.stepChanged(this.node, phase, 'ended');
  }

  /** Called when the promise of a phase has settled. */
  settle(phase: Phase): void {
    this.#pending--;
    this.end(phase);
  }

  /** Why the running phases take long, in the words of the component. */
  get progress(): string | undefined {
    return this.#progress;
  }

  /** Replaces the progress text, unless no phase is running. */
  report(text: string | undefined): void {
    const line = text === undefined ? undefined : progressLine(text);
    if (this.#running.length === 0 || line === this.#progress) return;
    this.#progress = line;
    this.#events.progressed(this.node, this.#running.length === 1 ? this.#running[0] : undefined, line);
  }

  isRunning(phase: Phase): boolean {
    return this.#running.includes(phase);
  }

  /** The number of phases whose promises have not settled. */
  get pending(): number {
    return this.#pending;
  }

  /** The steps whose code may be running now. If there are several, the runtime cannot distinguish them. */
  get currentSteps(): StepIndex[] {
    return this.#running.filter((phase) => phase !== 'ready');
  }

  /** The step whose code is running; `undefined` if no step or several steps are in progress. */
  get currentStep(): StepIndex | undefined {
    const [step, other] = this.currentSteps;
    return other === undefined ? step : undefined;
  }

  /** The steps that a dynamic lookup belongs to. The last step represents code that runs outside of all steps. */
  get lookingSteps(): readonly StepIndex[] {
    const steps = this.currentSteps;
    return steps.length > 0 ? steps : [this.#lastStep];
  }

  /** The step that owns resources which the component's code publishes explicitly now. */
  get publishingStep(): StepIndex {
    return this.#hook ?? this.#lastStep;
  }

  /** The name under which the component publishes now if it specifies none. */
  get resourceName(): string {
    // `prepare` publishes for the children, which do not know the alias.
    return this.#state === 'preparing' ? defaultName : this.node.resourceName;
  }
}

/** Returns the text in one line of at most 200 characters. JavaScript may pass a value that is no text. */
function progressLine(text: unknown): string {
  const line = String(text).replace(/\s+/g, ' ').trim();
  return line.replace(/^(.{199}).{2,}$/u, '$1…');
}
