// `npm run orders`: builds changed packages and runs the application of apps/orders with the `asphalt` command. Files in the
// arguments replace its configuration: `npm run orders -- apps/orders/services.yaml --service web`.
// package.json runs this with `exec`, because signals would otherwise end npm's shell instead of this process.

import { runApplication } from './run-application.mjs';

await runApplication({
  folder: 'apps/orders',
  packages: [
    'packages/web',
    'packages/sql',
    'packages/mailer',
    'packages/messaging',
    'packages/redis',
    'packages/nats',
  ],
  filesFor: (namesFile) => (namesFile ? [] : ['asphalt.yaml']),
});
