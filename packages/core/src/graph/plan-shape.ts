/**
 * Lists everything in components and their declarations that a plan depends on, as a sequence of plain values. Two trees
 * with equal sequences have equal plans. A build records the sequence, and a built application compares its own with it.
 */
import type {
  Declarations,
  DeclaredIdentifier,
  ForeignIdentifier,
  HandlerDeclaration,
  NeedDeclaration,
} from '../component/declaration-types.ts';
import { declaredIdentifier } from '../component/declarations.ts';
import { isInjectable } from '../component/inversify-metadata.ts';
import { LazyServiceIdentifier, type Key } from '../context/key.ts';
import { ComponentNode } from './component-node.ts';

/** A value that JSON can represent. */
export type ShapeValue = string | number | null;

/** Receives the sequence of one tree. */
export interface ShapeReceiver {
  /** Called before the values of a component. */
  component(node: ComponentNode): void;
  value(value: ShapeValue): void;
  /**
   * Receives an identifier or a symbol. Only its repetitions count, because JSON cannot represent it. Undefined is an
   * identifier of inversify, whose meaning depends on other components.
   */
  identity(id: object | symbol | undefined): void;
  /** Receives the value of an option that names a resource. */
  option(node: ComponentNode, option: string, value: unknown): void;
}

/** Passes the sequence of one component to the receiver. */
export function describeShape(node: ComponentNode, receiver: ShapeReceiver): void {
  const { declarations } = node;
  receiver.component(node);
  receiver.value(node.path);
  receiver.value(node.type.name);
  receiver.value(hookBits(declarations));
  receiver.value(faultsOf(declarations));
  const { providers, tasks, healthChecks, needs, handlers, lookups } = declarations;
  receiver.value(providers.length);
  for (const { ids, name, scope, member } of providers) {
    receiver.value(ids.length);
    for (const id of ids) receiver.identity(ownIdentifier(id));
    receiver.value(name ?? null);
    receiver.value(scope === 'context' ? 1 : 0);
    describeMember(member, receiver);
  }
  for (const declared of [tasks, healthChecks]) {
    receiver.value(declared.length);
    for (const { member } of declared) describeMember(member, receiver);
  }
  for (const declared of [needs, lookups]) {
    receiver.value(declared.length);
    for (const need of declared) describeNeed(need, node, receiver);
  }
  receiver.value(handlers.length);
  for (const handler of handlers) describeHandler(handler, node, receiver);
}

/** Returns the identifier of a declaration; undefined for one of inversify. */
export function ownIdentifier(declared: DeclaredIdentifier | ForeignIdentifier): Key['id'] | undefined {
  if (typeof declared === 'string' || typeof declared === 'symbol') return undefined;
  if ('unwrap' in declared && !(declared instanceof LazyServiceIdentifier)) return undefined;
  const id = declaredIdentifier(declared);
  return isInjectable(id) ? undefined : id;
}

/** The hooks that become steps. */
function hookBits({ hooks }: Declarations): number {
  return (hooks.includes('prepare') ? 1 : 0) + (hooks.includes('start') ? 2 : 0);
}

/** Returns the number of declarations that are problems. */
function faultsOf({ misuses, undeclared, lifecycle }: Declarations): number {
  return misuses.length + undeclared.length + lifecycle.length;
}

function describeNeed(need: NeedDeclaration, node: ComponentNode, receiver: ShapeReceiver): void {
  const { id, optional, deferred, all, member, index, inversify } = need;
  receiver.identity(ownIdentifier(id));
  describeName(need, node, receiver);
  receiver.value((optional ? 1 : 0) + (deferred ? 2 : 0) + (all ? 4 : 0) + (inversify ? 8 : 0));
  describeMember(member, receiver);
  receiver.value(index ?? null);
}

function describeHandler(handler: HandlerDeclaration, node: ComponentNode, receiver: ShapeReceiver): void {
  receiver.identity(ownIdentifier(handler.id));
  describeName(handler, node, receiver);
  receiver.value(handler.all ? 1 : 0);
  describeMember(handler.member, receiver);
}

function describeName(
  { name }: NeedDeclaration | HandlerDeclaration,
  node: ComponentNode,
  receiver: ShapeReceiver,
): void {
  if (name === undefined || typeof name === 'string') {
    receiver.value(name ?? null);
    return;
  }
  // No name of a resource is a number.
  receiver.value(0);
  receiver.value(name.option);
  receiver.option(node, name.option, ComponentNode.configOf(node)[name.option]);
}

function describeMember(member: PropertyKey | undefined, receiver: ShapeReceiver): void {
  if (typeof member === 'symbol') {
    receiver.value(0);
    receiver.identity(member);
  } else {
    receiver.value(member === undefined ? null : String(member));
  }
}
