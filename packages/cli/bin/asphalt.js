#!/usr/bin/env node
import module from 'node:module';

// Node 20 has none.
module.enableCompileCache?.();
await import('../dist/main.js');
