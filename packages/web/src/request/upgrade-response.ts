import type { Socket } from 'node:net';
import type { LimitedMessage } from './body-limit.ts';
import { ClosableResponse } from './closable-response.ts';

/** Time for the last bytes of a connection that is broken off. */
const lastBytesMs = 200;

/**
 * The response to a request for another protocol. It is the last one of its connection: either an ordinary response that
 * refuses the protocol, or the connection is used for that protocol.
 */
export class UpgradeResponse extends ClosableResponse {
  /** The bytes that the client sent after its request. */
  readonly head: Buffer;
  readonly transport: Socket;
  #hasSwitched = false;
  #hasEnded = false;
  #isLost = false;

  constructor(incoming: LimitedMessage, head: Buffer) {
    super(incoming);
    this.head = head;
    this.transport = incoming.socket;
    this.isLast = true;
    this.assignSocket(incoming.socket);
    // Node does this only for requests of its parser.
    this.once('finish', () => this.transport.resume().destroySoon());
  }

  override get hasSwitched(): boolean {
    return this.#hasSwitched;
  }

  override get isComplete(): boolean {
    return this.#hasSwitched ? !this.#isLost : super.isComplete;
  }

  /** Leaves the connection to another protocol. */
  switchProtocol(): void {
    this.#hasSwitched = true;
    this.detachSocket(this.transport);
  }

  /** Reports the end of a connection whose protocol has changed, as of a response. */
  reportEnd(isLost: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#isLost = isLost;
    this.emit('close');
  }

  /** Closes the connection after its last bytes, or after a short time. */
  breakOff(): void {
    this.transport.destroySoon();
    const timer = setTimeout(() => this.transport.destroy(), lastBytesMs);
    this.transport.once('close', () => clearTimeout(timer));
  }
}
