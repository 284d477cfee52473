import { Component, type ComponentClass } from '@asphalt/core';

/** What happened, in order, for tests of order. */
export class Journal extends Array<string> {
  /** A generator hook that tells when it begins and when it is undone. */
  *hook(name: string): Generator<void, void, unknown> {
    this.push(name);
    const error: unknown = yield;
    this.push(`undo ${name}${told(error)}`);
  }

  /** A component class whose hooks all tell. */
  component(name: string): ComponentClass<Component> {
    const tell = (line: string): void => void this.push(line);
    const hook = (phase: string): Generator<void, void, unknown> => this.hook(`${name} ${phase}`);
    class Recorded extends Component {
      constructor() {
        super();
        tell(`${name} made`);
        this.context.onTeardown((error) => tell(`${name} gone${told(error)}`));
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

  /** Takes out what happened since the last time. */
  take(): string[] {
    return Array.from(this.splice(0));
  }
}

function told(error: unknown): string {
  if (error === undefined) return '';
  return ` (${error instanceof Error ? error.message.split('\n')[0] : 'no error'})`;
}
