import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** What a package is not made of. */
const LEFT_OUT = /^(\..*|node_modules|dist|out|cdk\.out.*|coverage|test)$/;

/**
 * Packs the package in a copy of the project, so that tests which do it side by side do not build in each other's way.
 *
 * @param folder Where the copy and the tarball go.
 * @returns Path of the tarball.
 */
export function packedPackage(folder: string): string {
  const copy = join(folder, 'project');
  for (const name of readdirSync(ROOT).filter((entry) => !LEFT_OUT.test(entry)))
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const packed = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
    cwd: copy,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return join(folder, JSON.parse(packed)[0].filename);
}
