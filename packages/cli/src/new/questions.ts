/** What `asphalt new` asks on a terminal: only what the command line did not say. */
import { basename, resolve } from 'node:path';
import { cancel, confirm, intro, isCancel, outro, text, type CANCEL_SYMBOL, type CommonOptions } from '@clack/prompts';
import { AsphaltError } from '@asphalt/core';
import type { Answers, NewArguments } from './answers.ts';
import type { PackageManager } from './package-managers.ts';
import { isPackageName, packageNameFor } from './package-name.ts';
import { refuseOccupied } from './template.ts';

/**
 * @param streams - other ones than those of the process
 * @returns undefined when whoever is asked goes away
 */
export async function askForProject(
  args: NewArguments,
  packageManager: PackageManager,
  streams: CommonOptions = {},
): Promise<Answers | undefined> {
  intro('A new application', streams);
  const folder = args.folder ?? (await askFolder(streams));
  if (isCancel(folder)) return gone(streams);
  const name = args.name ?? (await askName(folder, streams));
  if (isCancel(name)) return gone(streams);
  const install =
    args.install ??
    (await confirm({ message: `Install its packages now, with ${packageManager}?`, initialValue: true, ...streams }));
  if (isCancel(install)) return gone(streams);
  outro(install ? 'This takes a moment' : 'Left for later', streams);
  return { folder, name, install };
}

const usualFolder = 'my-app';

type Answer = string | typeof CANCEL_SYMBOL;

function askFolder(streams: CommonOptions): Promise<Answer> {
  return text({
    message: 'In which folder?',
    placeholder: usualFolder,
    defaultValue: usualFolder,
    validate: occupied,
    ...streams,
  });
}

/** What is wrong with a folder, in one line. */
function occupied(said = ''): string | undefined {
  try {
    refuseOccupied(resolve(said === '' ? usualFolder : said));
    return undefined;
  } catch (error) {
    return AsphaltError.is(error) ? error.summary : String(error);
  }
}

function askName(folder: string, streams: CommonOptions): Promise<Answer> {
  const name = packageNameFor(basename(resolve(folder)));
  const validate = (said = ''): string | undefined =>
    said === '' || isPackageName(said) ? undefined : 'Lower-case letters, digits, "-", "_" and "." make a package name';
  return text({ message: 'What is it called?', placeholder: name, defaultValue: name, validate, ...streams });
}

function gone(streams: CommonOptions): undefined {
  cancel('Nothing was made', streams);
}
