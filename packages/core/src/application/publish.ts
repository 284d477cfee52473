/** How the providers of a component become resources of the application, and how that is undone. */
import type { Context } from '../context/context.ts';
import { ResourceValueError, TeardownError } from '../context/errors.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import { finishGenerator, isThenable, isYielding, unwind, type Teardown } from '../context/teardown.ts';
import type { Provider } from '../graph/plan.ts';

export interface Publication {
  readonly provider: Provider;
  /** The application's context. */
  readonly context: Context;
  /** Calls the provider; the needs of a factory are looked up in the context that asks. */
  readonly call: (asking: Context | undefined) => unknown;
  /** Takes over what undoes the publication. */
  readonly keepUndo: (undo: (error: unknown) => unknown) => void;
  /** Throws where the value comes too late to be published. */
  readonly checkInTime: () => void;
  /** Says whose the signals of a value are; gives what completes them. */
  readonly adopt: (value: unknown, key: Key) => (() => void) | undefined;
}

type Dispose = ((value: unknown, error?: unknown) => unknown) | undefined;

/** Calls a provider and publishes what it gives; a promise only where there is something to wait for. */
export function publish({ provider, context, call, keepUndo, checkInTime, adopt }: Publication): unknown {
  const { ids, name, node, declaration } = provider;
  const [id] = ids as [ServiceIdentifier<unknown>];
  const label = `${String(declaration.member)}()`;
  const dispose = declaration.dispose as Dispose;
  const keep = (value: unknown, rest?: Teardown): void => {
    // First of all the teardown: publishing may fail, and what was made must go all the same.
    const teardowns: Teardown[] = rest ? [rest] : [];
    keepUndo((error) => undoAll(teardowns, node.path, error));
    if (value === null || value === undefined) throw new ResourceValueError(id, value, `\`${label}\``);
    if (dispose) teardowns.unshift({ label: `dispose of ${label}`, undo: (error) => dispose(value, error) });
    checkInTime();
    context.publish(ids as [ServiceIdentifier<unknown>], value, name);
    teardowns.unshift({ label: `removal of ${label}`, undo: () => context.removeResource(ids, name) });
    const complete = adopt(value, { id, name });
    if (complete) teardowns.push({ label: `signals of ${label}`, undo: complete });
  };
  const take = (result: unknown): unknown => {
    if (!isYielding(result)) return keep(result);
    const first = result.next();
    const keepFirst = ({ done, value }: IteratorResult<unknown>): void =>
      done === true ? keep(undefined) : keep(value, finishGenerator(result, label));
    return isThenable(first) ? first.then(keepFirst) : keepFirst(first);
  };
  const result = call(undefined);
  return isThenable(result) ? Promise.resolve(result).then(take) : take(result);
}

/** Runs all of them, whatever fails. */
async function undoAll(teardowns: Teardown[], path: string, error: unknown): Promise<void> {
  const failures: Array<{ label: string; error: unknown }> = [];
  await unwind(teardowns, 0, error, (thrown, label) => failures.push({ label, error: thrown }));
  if (failures.length === 1) throw failures[0]!.error;
  if (failures.length > 1) throw new TeardownError(path, failures, error);
}

/** Publishes a provider as the factory that every context calls for itself. */
export function publishFactory({ provider, context, call, keepUndo }: Publication): void {
  const { ids, name, declaration } = provider;
  const label = `${String(declaration.member)}()`;
  const dispose = declaration.dispose as Dispose;
  const make = (asking: Context): unknown => {
    const result = call(asking);
    if (!dispose) return result;
    const keep = (value: unknown): unknown => {
      if (value !== null && value !== undefined) {
        asking.addTeardown(`dispose of ${label}`, (error) => dispose(value, error));
      }
      return value;
    };
    const take = (made: unknown): unknown => {
      if (!isYielding(made)) return keep(made);
      const keepFirst = ({ done, value }: IteratorResult<unknown>): unknown => {
        if (done === true) return undefined;
        keep(value);
        asking.finishOnTeardown(made, label);
        return value;
      };
      const first = made.next();
      return isThenable(first) ? first.then(keepFirst) : keepFirst(first);
    };
    return isThenable(result) ? Promise.resolve(result).then(take) : take(result);
  };
  context.addResourceFactory(ids as [ServiceIdentifier<unknown>], make, { name });
  keepUndo(() => context.removeResource(ids, name));
}
