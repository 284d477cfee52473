import { once } from 'node:events';
import { mariadbServer } from '@asphalt/testing/servers';
import { describeDatabase } from './server/contract-of.ts';

/** The first packet of a server that supports TLS (0x800) and the current protocol. */
function greeting(): Buffer {
  const salt = 'abcdefghijklmnopqrst';
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'latin1');
  const body = Buffer.concat([
    Buffer.from([10]),
    text('10.11.0-MariaDB'),
    Buffer.from([1, 0, 0, 0]),
    text(salt.slice(0, 8)),
    // Capabilities, character set, status, more capabilities, and the length of the salt with its end.
    Buffer.from([0x00, 0x8a, 45, 2, 0, 0x08, 0x00, 21]),
    Buffer.alloc(10),
    text(salt.slice(8)),
    text('mysql_native_password'),
  ]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
}

describeDatabase({
  name: 'mariadb',
  server: mariadbServer,
  async startTls(socket) {
    socket.write(greeting());
    const [data] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    // The request has 36 bytes. The handshake of TLS may follow at once.
    if (data.length > 36) socket.unshift(data.subarray(36));
  },
});
