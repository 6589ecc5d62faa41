import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

test('a batch with 2 % faults that is stopped in the middle and redriven renders each row once, and has all results', () => {
  const { status, stdout } = spawnSync('node', ['bin/prove-batch.ts', '--rows', '200'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stdout).toContain('200 finished');
  expect(stdout).toContain('✔ Every row has its video, and none was rendered twice');
  expect(status).toBe(0);
});
