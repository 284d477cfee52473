#!/usr/bin/env node
import module from 'node:module';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

// Node 20 has none.
module.enableCompileCache?.();
const command = commandOfProject();
if (command !== undefined) await import(command);
else {
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2));
}

/** Returns the command that the current project has installed, if this is another one, such as a global `asphalt`. */
function commandOfProject() {
  const { dirname: here, filename: self } = import.meta;
  try {
    const project = process.cwd();
    if (here.startsWith(join(project, 'node_modules') + sep)) return undefined;
    const manifest = module.createRequire(join(project, 'package.json')).resolve('@asphalt/cli/package.json');
    const command = join(dirname(manifest), 'bin/asphalt.js');
    return command === self ? undefined : pathToFileURL(command).href;
  } catch {
    // The project has no command.
    return undefined;
  }
}
