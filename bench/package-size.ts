import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printTable } from './print-table.ts';

/** Packs the package and installs it from the registry, each time into a new folder: the table of docs/dependencies.md. */
const ROOT = join(import.meta.dirname, '..');
const { version, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const exact = (...names: string[]) => names.map((name) => `${name}@${devDependencies[name]}`);

const CDK = exact('aws-cdk-lib', 'constructs', 'esbuild');
const ONE_MACHINE = exact('fauxqs', '@smithy/eventstream-codec');
const INSTALLS = {
  'the command': [],
  'the construct': CDK,
  'and one machine': [...CDK, ...ONE_MACHINE],
  'with its Chromium': [...CDK, ...ONE_MACHINE, ...exact('@sparticuz/chromium')],
};

const folder = mkdtempSync(join(tmpdir(), 'package-size-'));
try {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  const tarball = join(folder, `remotion-step-functions-${version}.tgz`);
  console.log(`The tarball has ${megabytes(lstatSync(tarball).size, 2)} MB.\n`);
  const rows: string[][] = [];
  for (const [purpose, packages] of Object.entries(INSTALLS)) {
    const app = join(folder, purpose.replaceAll(' ', '-'));
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', tarball, ...packages], {
      cwd: app,
    });
    const lock = JSON.parse(readFileSync(join(app, 'package-lock.json'), 'utf8'));
    const installed = Object.keys(lock.packages).length - 1;
    rows.push([purpose, String(installed), megabytes(sizeOf(join(app, 'node_modules')))]);
  }
  printTable(['installed for', 'packages', 'MB'], rows, '---:');
} finally {
  rmSync(folder, { recursive: true });
}

function sizeOf(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}

function megabytes(bytes: number, digits = 0): string {
  return (bytes / 1e6).toFixed(digits);
}
