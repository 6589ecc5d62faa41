import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish } from '../finish.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'batch-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('npm start -- --batch examples/certificates renders a video of each of its eight rows', async () => {
  const args = ['bin/start.ts', '--batch', 'examples/certificates', '--out', folder, '--json'];
  const { status, stdout, stderr } = await finish(spawn('node', args, { cwd: ROOT }));
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(JSON.parse(stdout).summary).toMatchObject({ rows: 8, succeeded: 8 });
  expect(readdirSync(folder)).toHaveLength(8);
}, 240_000);
