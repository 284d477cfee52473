import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opens a connection and sends text as it is. */
export async function send(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Sends a request as it is, with `Connection: close`, and returns the response as it is. */
export async function raw(
  url: string,
  head: string,
  body = '',
): Promise<{ status: number; head: string; body: string }> {
  const socket = await send(url, `${head}\r\nConnection: close\r\n\r\n${body}`);
  socket.on('error', () => {});
  let received = '';
  for await (const chunk of socket.setEncoding('latin1')) received += String(chunk);
  const [first = '', ...rest] = received.split('\r\n\r\n');
  return { status: Number(first.split(' ')[1]), head: first.toLowerCase(), body: rest.join('\r\n\r\n') };
}
