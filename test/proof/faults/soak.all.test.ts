import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

test('200 executions at once, with throttling and 2 % faults, lose no video and render none twice', () => {
  const { status, stdout } = spawnSync('node', ['bin/faults.ts', '--soak'], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout).toContain('200 executions at once');
  expect(stdout).toContain(' 0 problems');
  expect(status).toBe(0);
});
