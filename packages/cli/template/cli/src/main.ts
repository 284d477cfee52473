#!/usr/bin/env node
/** Reads the command line and runs the application. */
import { parseArgs } from 'node:util';
import { runApplication } from '@asphalt/core';
import { App } from './app.ts';

const usage = `Usage: words [options] [files…]

Counts the words of files, or of standard input.

  --min <number>  count only words with at least this many letters
  --help          print this text
`;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { min: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    return await runApplication(App, {
      config: { files: positionals, min: values.min },
      ownsProcess: true,
      onFailure: (error) => console.error(messageOf(error)),
    });
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
