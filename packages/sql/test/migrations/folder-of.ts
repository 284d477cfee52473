/** Creates folders of migrations. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';

/** Creates a folder with these files. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(tempFolder(), 'migrations');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Returns the code of a process that starts an application with a database and stops it. */
export function startingWith(sql: object): string {
  return `
    import { Component, component, startApplication } from '@asphalt/core';
    import { SqlComponent } from '@asphalt/sql';
    class App extends Component {}
    component({ components: { sql: SqlComponent } })(App);
    const app = await startApplication(App, { config: ${JSON.stringify({ components: { sql } })} });
    await app.stop();
  `;
}
