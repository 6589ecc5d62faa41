import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { lazyModules } from './lazy-modules.ts';

const FUNCTIONS_DIR = join(import.meta.dirname, '..', '..', 'functions');

/** CommonJS dependencies, such as the X-Ray SDK, call `require`, which an ES module does not have. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  // What is imported while a function runs, such as ways to get credentials, stays in files of its own.
  splitting: true,
  minify: true,
  banner: { js: REQUIRE_BANNER },
  plugins: [lazyModules],
  logLevel: 'warning',
};

/**
 * Bundles functions, each into a folder with its name: `index.mjs`, whose export `handler` is the function, and
 * files that it loads when they are needed. The function carries the SDK that it was tested with.
 *
 * @param names Files in `functions/`, without their ending.
 */
export async function bundleFunctions(names: readonly string[], outputDir: string): Promise<void> {
  await Promise.all(
    names.map((name) =>
      build({
        ...OPTIONS,
        entryPoints: [{ in: join(FUNCTIONS_DIR, `${name}.ts`), out: 'index' }],
        outdir: join(outputDir, name),
      }),
    ),
  );
}

if (import.meta.main) {
  const [outputDir = '', ...names] = process.argv.slice(2);
  await bundleFunctions(names, outputDir);
}
