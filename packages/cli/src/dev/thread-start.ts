/**
 * Runs first in each thread of an application under `asphalt dev`, and reports the modules that the thread imports. Child
 * processes of the application inherit this import as well, but not the environment data: they report nothing.
 */
import { getEnvironmentData } from 'node:worker_threads';
import { developmentKey, reportModules } from './report-modules.ts';

if (getEnvironmentData(developmentKey) === true) reportModules({ withPackages: false });
