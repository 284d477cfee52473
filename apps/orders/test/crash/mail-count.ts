import type { AcceptedMail } from '@asphalt/testing/servers';

/** Counts the mails of a server by their Message-ID, which contains the id of the order. */
export class MailCount {
  readonly #mails: readonly AcceptedMail[];
  readonly #byOrder = new Map<string, number>();
  #counted = 0;

  constructor(mails: readonly AcceptedMail[]) {
    this.#mails = mails;
  }

  /** The number of mails about each order. */
  get byOrder(): ReadonlyMap<string, number> {
    for (; this.#counted < this.#mails.length; this.#counted++) {
      const { source } = this.#mails[this.#counted]!;
      const order = /^message-id: <order-([^@]+)@/im.exec(source)?.[1] ?? `a mail without an id: ${source}`;
      this.#byOrder.set(order, (this.#byOrder.get(order) ?? 0) + 1);
    }
    return this.#byOrder;
  }
}
