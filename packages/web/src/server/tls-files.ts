/**
 * The certificate of the server and its key, from files that another program renews. Reads them again when they change, so
 * that no restart is necessary. Knows nothing of servers.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { unwatchFile, watchFile, type StatsListener } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { TlsError } from './errors.ts';

export interface TlsFileOptions {
  readonly cert: string;
  readonly key: string;
  /** The authorities whose certificates clients must have. */
  readonly ca?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** A certificate that can be used. */
export interface LoadedTls {
  readonly context: SecureContextOptions;
  /** The end of its validity, as text. */
  readonly validTo: string;
}

/** How often the files are examined, in milliseconds. Events of a file system miss replaced links and mounts. */
const pollMs = 1000;

type FileName = 'cert' | 'key' | 'ca';

export class TlsFiles {
  readonly #options: TlsFileOptions;
  readonly #setting: string;
  readonly #pollMs: number;

  /** @param setting - the path of the options in the configuration */
  constructor(options: TlsFileOptions, setting: string, interval = pollMs) {
    this.#options = options;
    this.#setting = setting;
    this.#pollMs = interval;
  }

  /** @throws {@link TlsError} when a file cannot be read, or the certificate cannot be used */
  async load(): Promise<LoadedTls> {
    const { passphrase } = this.#options;
    const [cert, key, ca] = await Promise.all([this.#read('cert'), this.#read('key'), this.#read('ca')]);
    const certificate = this.#attempt('cert', 'contains no certificate', () => new X509Certificate(cert!));
    const privateKey = this.#attempt('key', 'contains no private key that can be read', () =>
      createPrivateKey({ key: key!, ...(passphrase !== undefined && { passphrase }) }),
    );
    if (!certificate.checkPrivateKey(privateKey)) {
      throw new TlsError(`${this.#setting}.key`, this.#options.key, 'does not belong to the certificate');
    }
    if (ca) this.#attempt('ca', 'contains no certificate', () => new X509Certificate(ca));
    const context = { cert: cert!, key: key!, ...(ca && { ca }), ...(passphrase !== undefined && { passphrase }) };
    this.#attempt('cert', 'cannot be used', () => createSecureContext(context));
    return { context, validTo: certificate.validTo };
  }

  /**
   * Loads the files again after each change.
   *
   * @param onFailed - called once for a change that leaves them unusable
   * @returns a function that ends it
   */
  watch(onLoaded: (loaded: LoadedTls) => void, onFailed: (error: unknown) => void): () => void {
    let isActive = true;
    let timer: NodeJS.Timeout | undefined;
    const load = (): void => {
      this.load().then(
        (loaded) => isActive && onLoaded(loaded),
        (error: unknown) => isActive && onFailed(error),
      );
    };
    const changed: StatsListener = () => {
      clearTimeout(timer);
      // A renewal replaces one file after the other.
      timer = setTimeout(load, this.#pollMs).unref();
    };
    const { cert, key, ca } = this.#options;
    const paths = [cert, key, ca].filter((path) => path !== undefined);
    for (const path of paths) watchFile(path, { interval: this.#pollMs, persistent: false }, changed);
    return () => {
      isActive = false;
      clearTimeout(timer);
      for (const path of paths) unwatchFile(path, changed);
    };
  }

  async #read(name: FileName): Promise<Buffer | undefined> {
    const { [name]: path } = this.#options;
    if (path === undefined) return undefined;
    try {
      return await readFile(path);
    } catch (error) {
      throw new TlsError(`${this.#setting}.${name}`, path, 'cannot be read', error);
    }
  }

  #attempt<R>(name: FileName, fault: string, call: () => R): R {
    try {
      return call();
    } catch (error) {
      throw new TlsError(`${this.#setting}.${name}`, String(this.#options[name]), fault, error);
    }
  }
}
