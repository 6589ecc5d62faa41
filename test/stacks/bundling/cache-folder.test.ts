import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { madeOnce } from '../../../stacks/bundling/cache-folder.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

it('makes a folder on first use and never again', async () => {
  let made = 0;
  const make = async (folder: string) => {
    made += 1;
    await writeFile(join(folder, 'file'), 'content');
  };
  const folder = join(cache, 'deep', 'folder');
  expect(await madeOnce(folder, make)).toBe(folder);
  expect(await madeOnce(folder, make)).toBe(folder);
  expect(made).toBe(1);
  expect(readdirSync(folder)).toEqual(['file']);
});

it('shows no folder before it is whole, and none that could not be made', async () => {
  const folder = join(cache, 'folder');
  const failing = madeOnce(folder, async (staging) => {
    await writeFile(join(staging, 'half'), '');
    expect(existsSync(folder)).toBe(false);
    throw new Error('disk full');
  });
  await expect(failing).rejects.toThrow('disk full');
  expect(readdirSync(cache)).toEqual([]);
});

it('lets two make the same folder at once', async () => {
  const folder = join(cache, 'folder');
  const make = (name: string) => async (staging: string) => {
    await setTimeout(20);
    await writeFile(join(staging, name), '');
  };
  expect(await Promise.all([madeOnce(folder, make('a')), madeOnce(folder, make('b'))])).toEqual([
    folder,
    folder,
  ]);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(readdirSync(cache)).toEqual(['folder']);
});
