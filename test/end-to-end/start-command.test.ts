import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { finish } from '../finish.ts';

const START = join(import.meta.dirname, '../../bin/start.ts');

describe('a command that cannot be understood exits with 2, says why and starts nothing', () => {
  test.each([
    [['--speed', '2'], "Unknown option '--speed'"],
    [['--request', 'missing.json'], '--request: cannot read missing.json (ENOENT).'],
    [
      ['--request', 'tsconfig.json', '--event', 'tsconfig.json'],
      '--request and --event cannot be used together',
    ],
    [['--request', 'README.md'], '--request: README.md is not JSON'],
    [['--event', 'package.json'], '--event: package.json is not one event'],
    [['-c', 'site'], '--context is "site"; expected NAME=VALUE.'],
    [['--request'], "Option '--request <value>' argument missing"],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await finish(spawn(process.execPath, [START, ...args]));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm start -- --request FILE');
  });
});
