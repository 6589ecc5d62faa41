import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { finish } from '../../finish.ts';

/** What `npm run prove:permissions` prints. In a process of its own, which is on virtual time. */
export async function proof(...options: string[]): Promise<string> {
  const command = join(import.meta.dirname, '../../../bin/prove-permissions.ts');
  const { stdout, stderr, status } = await finish(spawn(process.execPath, [command, ...options]));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n').filter((line) => line.includes('✖'))).toEqual([]);
  expect(stdout).toContain('✔ Proved');
  return stdout;
}
