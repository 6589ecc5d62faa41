import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';

jest.setTimeout(120_000);

/** In a process of its own, which is on virtual time. */
test('every scenario works under the policies, every grant has a call, and all else is refused', async () => {
  const command = join(import.meta.dirname, '../../../bin/prove-permissions.ts');
  const child = spawn(process.execPath, [command, '--fast'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const report = await text(child.stdout);
  expect(report.split('\n').filter((line) => line.includes('✖'))).toEqual([]);
  expect(report).toContain('✔ Proved');
  expect(report).toMatch(/\n\d{3} attempts, 0 not refused\n/);
  expect(await ended).toBe(0);
});
