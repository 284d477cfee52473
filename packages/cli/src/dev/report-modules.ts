/** Loaded before an application under `asphalt dev`: reports its modules, and lets it end with whoever started it. */
import module from 'node:module';
import { resolveSync } from './module-hooks.ts';

const { registerHooks } = module as { readonly registerHooks?: (hooks: object) => void };
if (registerHooks === undefined) module.register('./module-hooks.js', import.meta.url);
else registerHooks({ resolve: resolveSync });

process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
