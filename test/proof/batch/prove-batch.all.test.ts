import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

test('a batch that is stopped in the middle and redriven renders each row once, and has all results', () => {
  const { status, stdout } = spawnSync('node', ['bin/prove-batch.ts', '--rows', '60', '--faults', '0'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stdout).toContain('✔ Every row has its video, and none was rendered twice');
  expect(status).toBe(0);
});
