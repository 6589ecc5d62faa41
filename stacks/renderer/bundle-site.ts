import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cacheFolder, madeOnce } from '../bundling/cache-folder.ts';
import { hashFiles } from '../bundling/hash-files.ts';

// The bundler that Remotion's own command uses.
const require = createRequire(createRequire(import.meta.url).resolve('@remotion/lambda/package.json'));

/**
 * Bundles a Remotion project into a site, once per content of all that it is made of. The site works at any address.
 *
 * @param entryPoint Absolute path of the file that calls `registerRoot`. The folder `public` lies beside it, or
 * beside the nearest package.json above it.
 * @returns The site's folder, in the cache folder.
 */
export async function bundleSite(entryPoint: string): Promise<string> {
  const rootDir = projectOf(entryPoint);
  const publicDir = [dirname(entryPoint), rootDir]
    .map((folder) => join(folder, 'public'))
    .find((folder) => existsSync(folder));
  const site = join(cacheFolder(), 'sites', await contentHash(entryPoint, rootDir, publicDir));
  return madeOnce(site, async (outDir) => {
    // Loaded only when needed: it brings a whole bundler.
    const { bundle } = await import(pathToFileURL(require.resolve('@remotion/bundler')).href);
    await bundle({ entryPoint, outDir, publicPath: './', publicDir, rootDir, enableCaching: false });
  });
}

/** The nearest folder above the entry point that has a package.json. */
function projectOf(entryPoint: string): string {
  let folder = dirname(entryPoint);
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) return dirname(entryPoint);
    folder = dirname(folder);
  }
  return folder;
}

async function contentHash(
  entryPoint: string,
  rootDir: string,
  publicDir: string | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(`@remotion/bundler@${require('@remotion/bundler/package.json').version}\n`);
  const modules = await modulesOf(entryPoint, rootDir);
  if (!modules) hash.update(randomUUID());
  for (const path of modules ?? []) hash.update(`${path}\n`).update(readFileSync(join(rootDir, path)));
  if (publicDir) await hashFiles(hash, publicDir);
  return hash.digest('hex').slice(0, 16);
}

/** All files that the entry point imports, directly or not; undefined where esbuild cannot tell. */
async function modulesOf(entryPoint: string, rootDir: string): Promise<string[] | undefined> {
  const assets = 'png jpg jpeg gif svg webp avif mp3 wav mp4 webm mov woff woff2 ttf otf css json glb'.split(
    ' ',
  );
  const { metafile } = await build({
    entryPoints: [entryPoint],
    absWorkingDir: rootDir,
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'none',
    logLevel: 'silent',
    loader: Object.fromEntries(assets.map((extension) => [`.${extension}`, 'copy' as const])),
  }).catch(() => ({ metafile: undefined }));
  return metafile && Object.keys(metafile.inputs).sort();
}

if (process.argv[1] === import.meta.filename) {
  const [entryPoint = ''] = process.argv.slice(2);
  const site = await bundleSite(entryPoint);
  // The bundler prints, too: the last line is the folder.
  console.log(`\n${site}`);
}
