// `npm start`: builds changed packages and runs Pagewatch with the `asphalt` command. It watches the demo site unless you
// name other files: `npm start -- my.yaml --set component.components.web.port=8080`.
// package.json runs this with `exec`, because signals would otherwise end npm's shell instead of this process.

import { runApplication } from './run-application.mjs';

await runApplication({
  folder: 'apps/pagewatch',
  packages: ['packages/web', 'packages/sql', 'packages/mailer'],
  filesFor: (namesFile) => (namesFile ? ['asphalt.yaml'] : ['asphalt.yaml', 'demo.yaml']),
});
