import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The file of `@remotion/lambda` that empties the literal `/tmp`. */
const CLEANUP = join('dist', 'functions', 'helpers', 'clean-tmpdir.js');
/** The only other one that names it: it lists the files when the disk is full. */
const LISTING = join('dist', 'functions', 'helpers', 'get-tmp-dir.js');
const IMPLEMENTATION = join('dist', 'functions', 'aws-server-implementation.js');

/** Remotion's internals are not as they were when this was written: running them could delete the person's files. */
export class RemotionInternalsChanged extends Error {
  override readonly name = 'RemotionInternalsChanged';
}

export interface RemotionFolders {
  /** Of the package `@remotion/lambda`. */
  readonly lambda: string;
  /** Of every package whose code runs in the function besides; none of their files may name `/tmp`. */
  readonly others: readonly string[];
}

/**
 * Takes the place of the module that empties `/tmp` with one that does nothing, before anything has loaded it.
 * The first of the two locks; the other is Node's permission model.
 * @throws RemotionInternalsChanged
 */
export function replaceTmpCleanup({ lambda, others }: RemotionFolders): void {
  const expected = [CLEANUP, LISTING].sort();
  const naming = filesNamingTmp(join(lambda, 'dist', 'functions')).map((file) =>
    file.slice(lambda.length + 1),
  );
  if (naming.sort().join() !== expected.join())
    refuse(
      `${lambda}: files that name /tmp: ${naming.join(', ') || 'none'}, expected ${expected.join(', ')}`,
    );
  for (const file of others.flatMap((folder) => filesNamingTmp(join(folder, 'dist'))))
    refuse(`${file} names /tmp`);

  const exported = readFileSync(join(lambda, CLEANUP), 'utf8').match(/^exports\.\w+ = .*;$/gm) ?? [];
  if (exported.join() !== 'exports.deleteTmpDir = void 0;,exports.deleteTmpDir = deleteTmpDir;')
    refuse(`${CLEANUP} exports ${exported.join(' ') || 'nothing'}`);
  if (!readFileSync(join(lambda, IMPLEMENTATION), 'utf8').includes('(0, clean_tmpdir_1.deleteTmpDir)()'))
    refuse(`${IMPLEMENTATION} does not call deleteTmpDir of ${CLEANUP}`);

  const require = createRequire(import.meta.url);
  const filename = join(lambda, CLEANUP);
  if (require.cache[filename]) refuse(`${CLEANUP} is loaded already`);
  const exports = { deleteTmpDir: () => {} };
  require.cache[filename] = {
    id: filename,
    filename,
    loaded: true,
    children: [],
    exports,
  } as unknown as NodeJS.Module;
  if (require(filename) !== exports) refuse(`${CLEANUP} could not be replaced`);
}

function filesNamingTmp(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?js$/.test(file))
    .map((file) => join(folder, file))
    .filter((file) => /['"`]\/tmp\b/.test(readFileSync(file, 'utf8')));
}

function refuse(what: string): never {
  throw new RemotionInternalsChanged(
    `Remotion's function is not run: ${what}. It empties /tmp on every invocation, and this version may do so in another way.`,
  );
}
