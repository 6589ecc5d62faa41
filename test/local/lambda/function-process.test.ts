import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from './is-running.ts';
import { testHost } from './test-host.ts';
import { until } from './until.ts';

/** Starts a process of its own, says who they are and, if asked to, never answers. */
const CODE = `import { spawn } from 'node:child_process'; import { tmpdir } from 'node:os';
  export const handler = async (event) => {
    const child = spawn('sleep', ['600']);
    console.log(JSON.stringify({ pids: [process.pid, child.pid], folder: tmpdir() }));
    if (event.hang) await new Promise(() => {});
  }`;

type Started = { pids: number[]; folder: string };
const startedOf = (line: string): Started => JSON.parse(line.slice(line.indexOf('{')));

async function hang() {
  const functions = testHost({ parent: { code: CODE } });
  const result = functions.call('parent', { hang: true });
  await until(() => functions.lines.length > 0);
  return { functions, result, ...startedOf(functions.lines[0] ?? '') };
}

it('fails the invocation of a killed process by name, and ends what the function had started', async () => {
  const { functions, result, pids, folder } = await hang();
  expect(pids.map(isRunning)).toEqual([true, true]);
  functions.host.processes[0]?.kill();
  const { payload, functionError, requestId } = await result;
  expect(functionError).toBe('Unhandled');
  expect(payload).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
  });
  expect(await until(() => !pids.some(isRunning))).toBe(true);
  expect(await until(() => !existsSync(folder))).toBe(true);
  expect(functions.host.processes).toEqual([]);
  await functions.stop();
});

it('leaves no process and no folder behind when it is stopped', async () => {
  const { functions, result, pids, folder } = await hang();
  await functions.stop();
  expect(await until(() => !pids.some(isRunning))).toBe(true);
  expect(existsSync(folder)).toBe(false);
  expect((await result).functionError).toBe('Unhandled');
  await expect(functions.call('parent')).rejects.toMatchObject({ code: 'ServiceException' });
});

it('ends a process that has been idle for long enough', async () => {
  const functions = testHost({ parent: { code: CODE } }, { idleTimeoutInSeconds: 0.05 });
  await functions.call('parent');
  expect(functions.host.processes).toHaveLength(1);
  expect(await until(() => functions.host.processes.length === 0)).toBe(true);
  await functions.stop();
});

it('leaves no process behind when the host itself is killed, and nothing in its folder', async () => {
  const TMPDIR = mkdtempSync(join(tmpdir(), 'killed-host-'));
  const script = `
    import { testHost } from ${JSON.stringify(new URL('./test-host.ts', import.meta.url).href)};
    const functions = testHost({ parent: { code: ${JSON.stringify(CODE)} } }, { log: (name, line) => console.log(line) });
    await functions.call('parent', { hang: true });`;
  const host = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(host.stdout, 'data');
  const { pids, folder } = startedOf(String(line));
  host.kill('SIGKILL');
  expect(await until(() => !pids.some(isRunning))).toBe(true);
  expect(await until(() => !existsSync(folder))).toBe(true);
  rmSync(TMPDIR, { recursive: true });
});
