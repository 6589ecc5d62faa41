import type { Hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Adds the names and contents of a folder's files to a hash. @param isMeant told each file's path in the folder */
export async function hashFiles(
  hash: Hash,
  folder: string,
  isMeant: (path: string) => boolean = () => true,
): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter(isMeant)
    .sort();
  for (const path of paths) hash.update(`${path}\n`).update(await readFile(join(folder, path)));
}
