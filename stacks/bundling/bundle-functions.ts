import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { lazyModules } from './lazy-modules.ts';

const FUNCTIONS_DIR = join(import.meta.dirname, '..', '..', 'functions');

/** `.ts`, or `.js` in the built package. */
const EXTENSION = extname(import.meta.filename);

/** CommonJS dependencies, such as the X-Ray SDK, call `require`, which an ES module does not have. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  minify: true,
  logLevel: 'warning',
};

const importsAtRunTime: Plugin = {
  name: 'imports-at-run-time',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** All functions: the folders in `functions/` that have a handler, a file with the folder's name. */
export function functionNames(): string[] {
  return readdirSync(FUNCTIONS_DIR).filter((name) => existsSync(handlerFile(name)));
}

function handlerFile(name: string): string {
  return join(FUNCTIONS_DIR, name, `${name}${EXTENSION}`);
}

/**
 * Bundles functions, each into a folder with its name: `index.mjs`, whose export `handler` is the function, and
 * files that it loads when they are needed. The function carries the SDK that it was tested with.
 *
 * @param names Of `functionNames`.
 * @param outputDir The folder of those folders.
 */
export async function bundleFunctions(names: readonly string[], outputDir: string): Promise<void> {
  await Promise.all(names.map((name) => bundleFunction(name, join(outputDir, name))));
}

async function bundleFunction(name: string, outdir: string): Promise<void> {
  // What is imported while a function runs, such as ways to get credentials, goes into files of its own.
  await build({
    ...OPTIONS,
    entryPoints: [{ in: handlerFile(name), out: 'index' }],
    outdir,
    mainFields: ['module', 'main'],
    splitting: true,
    banner: { js: REQUIRE_BANNER },
    plugins: [lazyModules],
  });
  // All else comes into one, whatever it has in common with those: opening files takes time.
  await build({
    ...OPTIONS,
    entryPoints: [{ in: join(outdir, 'index.mjs'), out: 'index' }],
    outdir,
    allowOverwrite: true,
    // The first build has had its say.
    logLevel: 'error',
    plugins: [importsAtRunTime],
  });
}

if (process.argv[1] === import.meta.filename) {
  const [outputDir = ''] = process.argv.slice(2);
  await bundleFunctions(functionNames(), outputDir);
}
