/**
 * Creates the data folders of databases. The first one takes seconds, so an archive of it remains in the folder for
 * temporary files, and the servers of all later processes extract that. Programs that delete old temporary files delete the
 * archive or keep it; they could delete parts of a folder.
 */
import { createHash } from 'node:crypto';
import { realpathSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Place } from './place.ts';

/**
 * Creates the folder `data` of a place.
 *
 * @param create - the command that creates it without an archive
 * @param password - the password that `create` stores in the data
 */
export async function createData(place: Place, create: Command, password?: string): Promise<void> {
  const { server, folder } = place;
  const archive = join(tmpdir(), `asphalt-${server}-${keyOf(place, create, password)}.tar`);
  if (place.isOwn(archive)) return place.run({ path: 'tar', args: ['-xf', archive, '-C', folder] });
  await place.run(create);
  const written = join(folder, 'data.tar');
  await place.run({ path: 'tar', args: ['-cf', written, '-C', folder, 'data'] });
  // Processes that create the archive at the same time replace each other's. None of them reads half of one.
  renameSync(written, archive);
}

/** Differs for each version of the program, each user, and other arguments or passwords. */
function keyOf({ folder, user }: Place, { path, args }: Command, password: string | undefined): string {
  const program = realpathSync(path);
  const { size, mtimeMs } = statSync(program);
  const ownArgs = args.map((argument) => argument.replaceAll(folder, ''));
  const facts = [program, size, mtimeMs, user, ownArgs, password];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
