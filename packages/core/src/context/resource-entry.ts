/**
 * What a context publishes under one key. Contexts share the entries that they inherit. When a component stops, the
 * application withdraws its resources by clearing their entries, so every open context loses them immediately. When the
 * key is published again, the new resource fills the same entry, and the contexts that had the old resource see the new
 * one.
 *
 * This file does not call factories and does not know contexts.
 */
import type { SubscriptionOwner } from '../signal/scope.ts';
import type { IdList } from './check-key.ts';
import { keyText, type Key } from './key.ts';
import { ResourceNotFoundError } from './resource-errors.ts';

/** A published factory. */
export class ResourceFactory<C> {
  /** The name of the factory in messages. */
  readonly label: string;
  /** The stopped component that provided it, for messages; undefined while it is published. */
  withdrawnFrom: string | undefined = undefined;
  /** What its calls have returned so far: values only, or at least one promise. */
  returns: 'unknown' | 'values' | 'promises' = 'unknown';
  /** Whether it replaces a withdrawn factory. */
  isSuccessor = false;

  constructor(
    readonly ids: IdList,
    readonly name: string,
    readonly make: (context: C) => unknown,
    readonly dispose: ((value: unknown, error?: unknown) => unknown) | undefined,
    /** The providing component, which completes the factory's subscriptions when it stops. */
    readonly component: SubscriptionOwner | undefined,
  ) {
    this.label = keyText(this.key);
  }

  /** @throws {@link ResourceNotFoundError} when its component was stopped while the factory was running */
  throwIfWithdrawn(context: string): void {
    if (this.withdrawnFrom === undefined) return;
    throw new ResourceNotFoundError(this.key, context, { otherNames: [], stopped: this.withdrawnFrom });
  }

  /** Its label and the providing component, for messages. */
  get description(): string {
    const path = this.component?.node?.path;
    return path === undefined ? `\`${this.label}\`` : `\`${this.label}\` of component \`${path}\``;
  }

  /** The key that identifies it in messages. */
  get key(): Key {
    return { id: this.ids[0]!, name: this.name };
  }
}

/** A value or a factory under a key, or neither after it was withdrawn. */
export class ResourceEntry<C> {
  value: unknown = undefined;
  factory: ResourceFactory<C> | undefined = undefined;
  /** Identifies the publication of the value; {@link withdraw} compares it. */
  publication: object | undefined = undefined;
  /** The component whose resource was withdrawn, for messages. */
  withdrawnFrom: string | undefined = undefined;
  wasWithdrawn = false;

  constructor(
    /** The resources of the context that published it. */
    readonly owner: object,
    readonly kind: 'value' | 'factory',
    /** The previous entry of the key. A value anywhere in this chain takes precedence over a factory. */
    readonly inherited: ResourceEntry<C> | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.value === undefined && this.factory === undefined;
  }

  /**
   * Clears the entry if it has this publication.
   *
   * @param what - the factory, or the object that identifies the publication of the value
   * @param from - the component that stops, for messages
   */
  withdraw(what: object, from: string): void {
    if (this.publication !== what && this.factory !== what) return;
    if (this.factory !== undefined) this.factory.withdrawnFrom = from;
    this.value = this.publication = this.factory = undefined;
    this.withdrawnFrom = from;
    this.wasWithdrawn = true;
  }
}

/** Returns the value of an entry or of the nearest entry that it inherits from. */
export function valueOf<C>(entry: ResourceEntry<C> | undefined): unknown {
  let at = entry;
  while (at !== undefined && at.value === undefined) at = at.inherited;
  return at?.value;
}

/** Returns the factory of an entry or of the nearest entry that it inherits from. */
export function factoryOf<C>(entry: ResourceEntry<C> | undefined): ResourceFactory<C> | undefined {
  let at = entry;
  while (at !== undefined && at.factory === undefined) at = at.inherited;
  return at?.factory;
}

/** Returns the component whose resource an entry, or the nearest entry that it inherits from, had. */
export function withdrawnFrom<C>(entry: ResourceEntry<C> | undefined): string | undefined {
  let at = entry;
  while (at !== undefined && at.withdrawnFrom === undefined) at = at.inherited;
  return at?.withdrawnFrom;
}
