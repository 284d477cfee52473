import { runApplication } from '@asphalt/core';
import { Hello } from './hello.ts';

process.exitCode = await runApplication(Hello, { ownsProcess: true });
