import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where what takes long to make is kept: `.cache` in the project, or the environment's `LOCAL_CACHE_FOLDER`. */
export function cacheFolder(): string {
  return resolve(process.env.LOCAL_CACHE_FOLDER ?? fileURLToPath(new URL('../../.cache', import.meta.url)));
}

/**
 * Returns the folder, made on first use. It appears whole or not at all, also with several processes at it.
 * @param make fills the empty folder that it is given
 */
export async function madeOnce(folder: string, make: (staging: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  const staging = join(dirname(folder), `making-${randomUUID()}`);
  try {
    await mkdir(staging, { recursive: true });
    await make(staging);
    await rename(staging, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}
