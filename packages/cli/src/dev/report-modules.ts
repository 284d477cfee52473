/** Loaded before an application under `asphalt dev`: reports its modules, and lets it end with whoever started it. */
import { register } from 'node:module';

register('./module-hooks.js', import.meta.url);

process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
