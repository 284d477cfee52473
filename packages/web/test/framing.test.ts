import { testFraming } from './framing.ts';

testFraming();
