import { runApplication } from '@asphalt/core';
import { Hello } from '../programs/hello.ts';

process.exitCode = await runApplication(Hello, { ownsProcess: true });
