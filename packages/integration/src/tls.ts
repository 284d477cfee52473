import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { ConnectOptionsError } from './errors.ts';
import type { TlsConfig } from './options.ts';

/**
 * Returns Node's options for an encrypted connection. It reads the files at each call, so a client that calls it for each
 * connection uses renewed certificates.
 *
 * @param section - the values of `tlsOptions`; undefined if only the URL enables TLS
 * @throws {@link ConnectOptionsError} when a file cannot be read
 */
export async function tlsContext(section: TlsConfig | undefined): Promise<ConnectionOptions> {
  const { serverName, verify = true } = section ?? {};
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map(async (name) => {
      const file = section?.[name];
      return file === undefined ? undefined : readOptionFile(`tls.${name}`, file);
    }),
  );
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(serverName !== undefined && { servername: serverName }),
    rejectUnauthorized: verify,
  };
}

/**
 * Reads a file that an option names.
 *
 * @throws {@link ConnectOptionsError} when the file cannot be read
 */
export async function readOptionFile(option: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConnectOptionsError(option, 'names a file that cannot be read', undefined, error);
  }
}
