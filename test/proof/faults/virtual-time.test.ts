import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { finish } from '../../finish.ts';

const onVirtualTime = (program: string) =>
  finish(spawn('node', [join(import.meta.dirname, 'on-virtual-time.ts'), program]));

describe('on virtual time', () => {
  test.each([
    ['more requests than connections', '10800 s have passed\n'],
    ['a request that asks first', 'answered after 0 s\n3600 s have passed\n'],
    ['a request that asks first, and its server waits', '3600 s have passed\n'],
    ['a request by address and options', '7200 s have passed\n'],
    ['a connection that is closed without an answer', 'ECONNRESET\n3600 s have passed\n'],
  ])('%s do not stop time, nor does it jump while they are on their way', async (program, expected) => {
    expect(await onVirtualTime(program)).toEqual({ stdout: expected, stderr: '', status: 0 });
  });

  test('a request that is never answered ends the process with an error that names it', async () => {
    const { stderr, status } = await onVirtualTime('a request without an answer');
    expect(stderr).toContain('VirtualTimeStandstill: Nothing has happened for 0.5 s');
    expect(stderr).toMatch(/GET \/renders\/\?list-type=2/);
    expect(status).toBe(1);
  });
});
