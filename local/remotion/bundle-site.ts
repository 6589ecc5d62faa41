import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, madeOnce } from '../cache/cache-folder.ts';
import { hashFiles } from '../cache/hash-files.ts';

/** What lies beside the entry point for those who start renders. */
const NOT_IN_THE_SITE = ['request.json', 'event.json'];

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundles a Remotion project into a site, once per content of its folder and versions of Remotion and React.
 * @param entryPoint absolute path of the file that calls `registerRoot`; its `public` folder lies beside it
 * @returns the site's folder, in the cache folder
 */
export async function bundleSite(entryPoint: string): Promise<string> {
  const site = join(cacheFolder(), 'sites', await contentHash(dirname(entryPoint)));
  return madeOnce(site, async (outDir) => {
    // Loaded only when needed: it brings a whole bundler.
    const { bundle } = await import('@remotion/bundler');
    await bundle({
      entryPoint,
      outDir,
      publicPath: './',
      publicDir: join(dirname(entryPoint), 'public'),
      rootDir: PROJECT,
      enableCaching: false,
    });
  });
}

async function contentHash(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const require = createRequire(import.meta.url);
  for (const name of ['@remotion/bundler', 'remotion', 'react', 'react-dom'])
    hash.update(`${name}@${require(`${name}/package.json`).version}\n`);
  await hashFiles(hash, folder, (path) => !NOT_IN_THE_SITE.includes(path));
  return hash.digest('hex').slice(0, 16);
}
