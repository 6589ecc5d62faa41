import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { finish } from '../finish.ts';
import { probeVideo } from './probe-video.ts';

jest.setTimeout(600_000);

const START = join(import.meta.dirname, '../../bin/start.ts');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-command-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]): ChildProcess {
  // What the run leaves behind would be seen in this folder, and in the arguments of its processes.
  const TMPDIR = join(folder, 'tmp');
  mkdirSync(TMPDIR, { recursive: true });
  return spawn(process.execPath, [START, ...args], { env: { ...process.env, TMPDIR } });
}

const processesLeft = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((args) => args.includes(folder));

test('npm start renders the example through the whole workflow and saves the video', async () => {
  const out = join(folder, 'out');
  const { stdout, stderr, status } = await finish(start('--json', '--out', out));
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const result = JSON.parse(stdout);
  expect(result).toEqual({
    executionArn: expect.stringMatching(/^arn:aws:states:us-east-1:123456789012:execution:/),
    status: 'SUCCEEDED',
    output: expect.objectContaining({
      jobId: 'hello-world',
      key: 'videos/hello-world.mp4',
      framesRendered: 120,
    }),
    stateTransitions: expect.any(Number),
    file: join(out, 'hello-world.mp4'),
    timings: {
      setupInMs: expect.any(Number),
      executionInMs: expect.any(Number),
      totalInMs: expect.any(Number),
    },
  });
  expect(statSync(result.file).size).toBe(result.output.sizeInBytes);
  const { video, audio } = probeVideo(result.file);
  expect(video).toMatchObject({ codec_name: 'h264', width: 1280, height: 720, r_frame_rate: '30/1' });
  expect(Number(video.duration)).toBeCloseTo(4, 1);
  expect(audio).toMatchObject({ codec_name: 'aac' });
  expect(stderr).toMatch(/(?:WaitForRender|GetRenderProgress) +█+░+ +\d+ % {2}\d+\/120 frames {2}\$0\.\d{4}/);
  expect(processesLeft()).toEqual([]);
});

test('Ctrl-C stops the execution and leaves no process behind', async () => {
  const request = join(folder, 'slow.json');
  const inputProps = { durationInSeconds: 60, delayPerFrameInMilliseconds: 1000 };
  writeFileSync(
    request,
    JSON.stringify({ render: { composition: 'HelloWorld', codec: 'h264', inputProps } }),
  );
  const child = start('--request', request);
  const finished = finish(child);
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (line) => String(line).includes('GetRenderProgress') && resolve());
  });
  expect(processesLeft().length).toBeGreaterThan(0);
  child.kill('SIGINT');
  const { status, stderr } = await finished;
  expect(stderr).toContain('Interrupted; the execution was stopped.');
  expect(status).toBe(130);
  expect(processesLeft()).toEqual([]);
});

test('with --console there is a page that tells of the render, also after it, until Ctrl-C', async () => {
  const request = join(folder, 'wrong.json');
  writeFileSync(request, JSON.stringify({ jobId: 'wrong', render: { composition: 'A', codec: 'h266' } }));
  const child = start('--request', request, '--console');
  const finished = finish(child);
  let shown = '';
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      shown += chunk;
      if (shown.includes('The page stays until Ctrl-C.')) resolve();
    });
  });
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/_console/.exec(shown) ?? [];
  const [, token = ''] = /console-token" content="([^"]+)/.exec(await (await fetch(url)).text()) ?? [];
  const workflow = await fetch(`${url}/api/workflow`, { headers: { 'x-console-token': token } });
  expect(await workflow.json()).toMatchObject({ machine: { faultKinds: expect.any(Array) } });
  child.kill('SIGINT');
  const { status, stderr } = await finished;
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringContaining('✖ InvalidRenderRequest'),
  });
  expect(processesLeft()).toEqual([]);
});
