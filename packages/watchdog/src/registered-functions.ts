/**
 * The functions that components have passed to others, such as the handlers of routes. Their owners list them on the
 * diagnostics channel `asphalt:functions`, only when the watchdog asks. The stack of a blocked thread shows the places of
 * functions, so the inspector of the main thread locates the listed ones.
 */
import { channel } from 'node:diagnostics_channel';
import type { Runtime, Session } from 'node:inspector';
import { setImmediate as turn } from 'node:timers/promises';
import { placeKey, type FunctionPlace } from './messages.ts';

/** The facts about a function; undefined if the functions at one place differ. */
export interface RegisteredFunction {
  /** The path of the component that passed it on. */
  readonly component: string | undefined;
  /** For example `GET /report`. */
  readonly purpose: string | undefined;
}

/** The number of functions that are located in one turn of the event loop. */
const slice = 20;

const asked = channel('asphalt:functions');
const globalName = Symbol.for('@asphalt/watchdog/functions');
const expression = "globalThis[Symbol.for('@asphalt/watchdog/functions')]";

export class RegisteredFunctions {
  readonly #Session: typeof Session | undefined;
  readonly #places = new WeakMap<object, string>();

  constructor(SessionClass: typeof Session | undefined) {
    this.#Session = SessionClass;
  }

  /** Returns the registered functions by place. */
  async byPlace(): Promise<ReadonlyMap<string, RegisteredFunction>> {
    const listed: Array<{ readonly code: object } & RegisteredFunction> = [];
    const found = new Map<string, RegisteredFunction>();
    if (!asked.hasSubscribers || this.#Session === undefined) return found;
    asked.publish({
      add: (code: object, { component, purpose }: RegisteredFunction) => listed.push({ code, component, purpose }),
    });
    const unknown = listed.map(({ code }) => code).filter((code) => !this.#places.has(code));
    for (let start = 0; start < unknown.length; start += slice) {
      this.#locate(this.#Session, unknown.slice(start, start + slice));
      await turn();
    }
    for (const { code, component, purpose } of listed) {
      const place = this.#places.get(code);
      if (place === undefined) continue;
      const { component: otherComponent, purpose: otherPurpose } = found.get(place) ?? { component, purpose };
      found.set(place, {
        component: component === otherComponent ? component : undefined,
        purpose: purpose === otherPurpose ? purpose : undefined,
      });
    }
    return found;
  }

  #locate(SessionClass: typeof Session, unknown: readonly object[]): void {
    const session = new SessionClass();
    session.connect();
    Object.assign(globalThis, { [globalName]: unknown });
    try {
      // A session of the own thread calls back synchronously.
      session.post('Runtime.evaluate', { expression }, (_, { result }) => {
        propertiesOf(session, result).forEach(({ name, value }) => {
          const code = unknown[Number(name)];
          const place = code && value && locationOf(session, value);
          if (place) this.#places.set(code, placeKey(place));
        });
      });
    } finally {
      Reflect.deleteProperty(globalThis, globalName);
      session.disconnect();
    }
  }
}

function propertiesOf(session: Session, { objectId }: Runtime.RemoteObject): Runtime.PropertyDescriptor[] {
  return describe(session, objectId)?.result ?? [];
}

function locationOf(session: Session, { objectId }: Runtime.RemoteObject): FunctionPlace | undefined {
  const { internalProperties = [] } = describe(session, objectId) ?? {};
  return internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value as
    | FunctionPlace
    | undefined;
}

function describe(session: Session, objectId = ''): Runtime.GetPropertiesReturnType | undefined {
  let described: Runtime.GetPropertiesReturnType | undefined;
  session.post('Runtime.getProperties', { objectId, ownProperties: true }, (error, properties) => {
    if (!error) described = properties;
  });
  return described;
}
