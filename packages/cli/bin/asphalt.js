#!/usr/bin/env node
import module from 'node:module';

// Node 20 has none.
module.enableCompileCache?.();
const { main } = await import('../dist/main.js');
await main(process.argv.slice(2));
