import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { packedPackage, ROOT } from './packed-package.ts';

jest.setTimeout(600_000);

let folder: string;
let tarball: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'checked-'));
  tarball = packedPackage(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string, ...args: string[]) =>
  execFileSync(process.execPath, [join(ROOT, 'node_modules', command), ...args], { encoding: 'utf8' });

test('publint finds nothing in the tarball', () => {
  expect(run('publint/src/cli.js', 'run', tarball, '--strict')).toContain('All good!');
});

test('are-the-types-wrong finds the types of every entry, from CommonJS and ES modules', () => {
  const entries: { analysis: { entrypoints: object }; problems?: object } = JSON.parse(
    run('@arethetypeswrong/cli/dist/index.js', tarball, '--format', 'json'),
  );
  expect(entries.problems ?? {}).toEqual({});
  const names = Object.keys(entries.analysis.entrypoints);
  expect(names).toEqual(expect.arrayContaining(['.', './contract', './errors']));
});

test('docs/dependencies.md states its size, give or take a fifth', () => {
  const docs = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8');
  const [, stated] = /tarball has ([\d.]+) MB/.exec(docs) ?? [];
  expect(Math.abs(Number(stated) / (statSync(tarball).size / 1e6) - 1)).toBeLessThan(0.2);
});
