/**
 * Loaded before an application under `asphalt dev`. Does what is the same for each start, then waits for its turn: the
 * process that comes next stands by while its predecessor runs. Reports the application's modules, and ends with
 * whoever started it.
 */
import { once } from 'node:events';
import module from 'node:module';
import { resolveSync } from './module-hooks.ts';

process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

// Before the hooks, which are to report what belongs to the application.
await Promise.all([import('../run.ts'), import('tsx/esm/api')]);
const { registerHooks } = module as { readonly registerHooks?: (hooks: object) => void };
if (registerHooks === undefined) module.register('./module-hooks.js', import.meta.url);
else registerHooks({ resolve: resolveSync });

await once(process, 'message');
process.channel?.unref();
