import { describeCache } from '../src/testing/index.ts';
import { CacheComponent } from '../src/index.ts';

describeCache({ component: CacheComponent, limit: { options: { maxSize: '10500B' }, values: 10 } });
