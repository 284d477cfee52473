/** Describes the handles of Node that keep a process alive. Node does not document their members, so all are optional. */

/** A handle that keeps the process alive while `hasRef()` is true. */
export interface Handle {
  hasRef(): boolean;
  getsockname?(out: Address): unknown;
  getpeername?(out: Address): unknown;
  readonly pid?: number;
  readonly _idleTimeout?: number;
  readonly _repeat?: number | null;
}

interface Address {
  readonly address?: string;
  readonly port?: number;
}

const names: Readonly<Record<string, string>> = {
  FSEVENTWRAP: 'file watcher',
  Immediate: 'immediate',
  MESSAGEPORT: 'message port',
  PIPESERVERWRAP: 'server on a pipe',
  PIPEWRAP: 'pipe',
  STATWATCHER: 'file watcher',
  TTYWRAP: 'terminal',
  WORKER: 'thread',
};

export function isHandle(resource: object): resource is Handle {
  return 'hasRef' in resource && typeof resource.hasRef === 'function';
}

/** @param type - the type of `async_hooks` */
export function describeHandle(type: string, handle: Handle): string {
  switch (type) {
    case 'TCPSERVERWRAP':
      return `server${addressText(' on ', (out) => handle.getsockname?.(out))}`;
    case 'TCPWRAP':
      return `socket${addressText(' to ', (out) => handle.getpeername?.(out))}`;
    case 'UDPWRAP':
      return `UDP socket${addressText(' on ', (out) => handle.getsockname?.(out))}`;
    case 'PROCESSWRAP':
      return `process${handle.pid === undefined ? '' : ` ${handle.pid}`}`;
    case 'Timeout':
      return `${handle._repeat ? 'interval' : 'timer'} of ${Math.round(handle._idleTimeout ?? 0)} ms`;
    default:
      return names[type] ?? type;
  }
}

/** @param read - writes the address to its argument, if the handle has one */
function addressText(preposition: string, read: (out: Address) => unknown): string {
  const out: Address = {};
  read(out);
  const { address, port } = out;
  if (address === undefined) return '';
  return `${preposition}${address.includes(':') ? `[${address}]` : address}:${port}`;
}
