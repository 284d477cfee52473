/** How the providers of a component become resources of the application, and how that is undone. */
import type { Context } from '../context/context.ts';
import { ResourceValueError, TeardownError } from '../context/errors.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import { isThenable, isYielding, TeardownStack, type Yielding } from '../context/teardown.ts';
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
  const keep = (value: unknown, rest?: Yielding<unknown>): void => {
    // First of all the teardown: publishing may fail, and what was made must go all the same.
    const teardowns = new TeardownStack();
    keepUndo((error) => undoAll(teardowns, node.path, error));
    const isAbsent = value === null || value === undefined;
    let isPublished = false;
    teardowns.add(`removal of ${label}`, () => (isPublished ? context.removeResource(ids, name) : undefined));
    if (dispose && !isAbsent) teardowns.add(`dispose of ${label}`, (error) => dispose(value, error));
    if (rest) teardowns.addRest(label, rest);
    if (isAbsent) throw new ResourceValueError(id, value, `\`${label}\``);
    checkInTime();
    context.publish(ids as [ServiceIdentifier<unknown>], value, name);
    isPublished = true;
    const complete = adopt(value, { id, name });
    if (complete) teardowns.add(`signals of ${label}`, complete);
  };
  const take = (result: unknown): unknown => {
    if (!isYielding(result)) return keep(result);
    const first = result.next();
    const keepFirst = ({ done, value }: IteratorResult<unknown>): void =>
      done === true ? keep(undefined) : keep(value, result);
    return isThenable(first) ? first.then(keepFirst) : keepFirst(first);
  };
  const result = call(undefined);
  return isThenable(result) ? Promise.resolve(result).then(take) : take(result);
}

/** Runs all of them, whatever fails. */
async function undoAll(teardowns: TeardownStack, path: string, endedBy: unknown): Promise<void> {
  const failures: Array<{ label: string; error: unknown }> = [];
  await teardowns.unwind({ endedBy, failed: (error, label) => failures.push({ label, error }) });
  if (failures.length === 1) throw failures[0]!.error;
  if (failures.length > 1) throw new TeardownError(path, failures, endedBy);
}

/** Publishes a provider as the factory that every context calls for itself. */
export function publishFactory({ provider, context, call, keepUndo }: Publication): void {
  const { ids, name, declaration } = provider;
  const dispose = declaration.dispose as Dispose;
  context.addResourceFactory(ids as [ServiceIdentifier<unknown>], call, { name, dispose });
  keepUndo(() => context.removeResourceFactory(ids, name));
}
