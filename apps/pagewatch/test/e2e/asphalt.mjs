/** Runs the `asphalt` command from its sources, as `bin/asphalt.js` does from the build. */
import { main } from '../../../../packages/cli/src/main.ts';

await main(process.argv.slice(2));
