/** Restarts two processes behind a balancer, one after the other, while a constant load runs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Balancer, type Backend } from './balancer.ts';
import { Load, type Totals } from './load.ts';

export interface RollingOptions {
  /** Restarts of both processes. */
  readonly restarts: number;
  /** The least number of requests. */
  readonly requests: number;
  readonly perSecond: number;
  /** The option `drainDelay` of the servers; by default, the delay ends when the balancer uses a server no more. */
  readonly drainDelay?: string;
  readonly onRestarted?: (restart: number, totals: Totals) => void;
}

export async function runRolling(options: RollingOptions): Promise<Totals> {
  const { restarts, requests, perSecond, drainDelay, onRestarted } = options;
  const ports = [await freePort(), await freePort()];
  const servers = ports.map((port) => new Server(port, drainDelay));
  const balancer = new Balancer(ports);
  try {
    const load = new Load(await balancer.listen(), perSecond);
    await Promise.all(balancer.backends.map((backend) => backend.until(true)));
    const ended = load.run();
    for (let restart = 1; restart <= restarts; restart++) {
      // The restarts are spread over the whole load.
      await load.until((requests * restart) / (restarts + 1));
      for (const [index, server] of servers.entries()) {
        const backend = balancer.backends[index]!;
        await server.stop(backend);
        await backend.until(false);
        server.start();
        await backend.until(true);
      }
      load.totals.slowestPollMs = Math.max(...balancer.backends.map(({ slowestMs }) => slowestMs));
      onRestarted?.(restart, load.totals);
    }
    await load.until(requests);
    load.end();
    await ended;
    for (const [index, server] of servers.entries()) await server.stop(balancer.backends[index]!);
    return load.totals;
  } finally {
    balancer.close();
    for (const server of servers) server.kill();
  }
}

const program = fileURLToPath(new URL('shop.ts', import.meta.url));
const workspace = new URL('../../../../', import.meta.url);
const tsx = createRequire(new URL('packages/cli/package.json', workspace)).resolve('tsx');

class Server {
  readonly #args: readonly string[];
  #child: ChildProcess;

  readonly #isManual: boolean;

  constructor(port: number, drainDelay: string | undefined) {
    this.#isManual = drainDelay === undefined;
    this.#args = [String(port), ...(drainDelay === undefined ? ['1h', 'until-message'] : [drainDelay])];
    this.#child = this.start();
  }

  start(): ChildProcess {
    const options = ['--conditions=source', `--import=${pathToFileURL(tsx).href}`];
    const env = { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.base.json', workspace)) };
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    this.#child = spawn(process.execPath, [...options, program, ...this.#args], { env, stdio: [...stdio] });
    return this.#child;
  }

  /**
   * Stops the process as a supervisor does.
   *
   * @param backend - what the balancer knows of it
   * @throws Error if its exit code is not 0
   */
  async stop(backend: Backend): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    if (this.#isManual) {
      await backend.until(false);
      await backend.untilUnused();
      this.#child.send('unused');
    }
    const [code] = (await exited) as [number | null];
    if (code !== 0) throw new Error(`A server exited with ${code}`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Servers get their ports in advance, because they keep them over restarts. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
