import { errorOf, tempFolder } from '@asphalt/test-support';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConnectOptionsError, tlsContext } from '../src/index.ts';

const unset = { ca: undefined, cert: undefined, key: undefined, serverName: undefined, verify: true };

test('without a section, certificates are verified with the authorities of Node', async () => {
  expect(await tlsContext(undefined)).toEqual({ rejectUnauthorized: true });
});

test('the files and the name become options of a connection, and files are read again at each call', async () => {
  const folder = tempFolder({ 'ca.pem': 'ca', 'cert.pem': 'cert', 'key.pem': 'key' });
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => join(folder, `${name}.pem`));
  const section = { ca, cert, key, serverName: 'db', verify: false };
  const expected = { cert: Buffer.from('cert'), key: Buffer.from('key'), servername: 'db', rejectUnauthorized: false };
  expect(await tlsContext(section)).toEqual({ ...expected, ca: Buffer.from('ca') });
  writeFileSync(ca!, 'renewed');
  expect((await tlsContext(section)).ca).toEqual(Buffer.from('renewed'));
});

test('a file that cannot be read is an error that names the option', async () => {
  const file = join(tempFolder(), 'missing.pem');
  const error = await errorOf(tlsContext({ ...unset, ca: file }), ConnectOptionsError);
  expect(error.message.replaceAll(file, 'FILE')).toMatchInlineSnapshot(`
    "The option \`tls.ca\` names a file that cannot be read
      got          ENOENT: no such file or directory, open 'FILE'
      code         ERR_CONNECT_OPTIONS"
  `);
});
