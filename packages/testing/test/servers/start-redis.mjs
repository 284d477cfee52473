// Starts a private Redis, prints its port, and waits, unless the argument is `leave`. It uses the build.
import { redisServer } from '../../dist/servers/index.js';

const server = await redisServer();
process.stdout.write(`${server.port}\n`);
if (process.argv[2] !== 'leave') setInterval(() => undefined, 1000);
