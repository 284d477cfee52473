import { Component, type ComponentClass } from '@asphalt/core';

/** Records events in order, for tests of order. */
export class Journal extends Array<string> {
  /** A generator hook that records its start and its undo. */
  *hook(name: string): Generator<void, void, unknown> {
    this.push(name);
    const error: unknown = yield;
    this.push(`undo ${name}${reasonText(error)}`);
  }

  /** Creates a component class whose hooks record their start and their undo. */
  component(name: string): ComponentClass<Component> {
    const note = (line: string): void => void this.push(line);
    const hook = (phase: string): Generator<void, void, unknown> => this.hook(`${name} ${phase}`);
    class Recorded extends Component {
      constructor() {
        super();
        note(`${name} made`);
        this.context.onTeardown((error) => note(`${name} gone${reasonText(error)}`));
      }
      override prepare(): Generator<void, void, unknown> {
        return hook('prepare');
      }
      override start(): Generator<void, void, unknown> {
        return hook('start');
      }
      override ready(): Generator<void, void, unknown> {
        return hook('ready');
      }
    }
    Object.defineProperty(Recorded, 'name', { value: name });
    return Recorded;
  }

  /** Removes and returns the recorded events. */
  take(): string[] {
    return Array.from(this.splice(0));
  }
}

function reasonText(error: unknown): string {
  if (error === undefined) return '';
  return ` (${error instanceof Error ? error.message.split('\n')[0] : 'no error'})`;
}
