import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { smallRender } from '../end-to-end/test-machine.ts';
import { commandOnMachine } from './command-on-machine.ts';

const command = commandOnMachine();
const { run, requestFile } = command;

test('render starts a render, shows its states and progress, and fetches the video; list and status know it', async () => {
  const request = requestFile('small', { jobId: 'small', render: smallRender });
  const file = join(command.folder, 'small.mp4');
  const { status, stdout, stderr } = await run('render', '--request', request, '--download', file, '--json');
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stderr).toMatch(/✔ Started small-[0-9a-f]{8} at http:\/\/127\.0\.0\.1/);
  expect(stderr).toContain('GetRenderProgress');
  expect(stderr).toMatch(/✔ 30 frames, [\d.]+ MB, in [\d.]+ s, \d+ state transitions, about \$[\d.]+ on AWS/);
  expect(stderr).toMatch(/Delivered to s3:\/\/.+\.mp4/);
  const document = JSON.parse(stdout);
  expect(document).toEqual({
    executionArn: expect.stringMatching(/:small-[0-9a-f]{8}$/),
    status: 'SUCCEEDED',
    output: expect.objectContaining({ jobId: 'small', framesRendered: 30 }),
    stateTransitions: expect.any(Number),
    file,
    timings: { executionInMs: expect.any(Number) },
  });
  expect(statSync(file).size).toBe(document.output.sizeInBytes);
  expect(existsSync(`${file}.part`)).toBe(false);

  const name = document.executionArn.split(':').at(-1);
  const again = join(command.folder, 'again/');
  const [listed, shown] = await Promise.all([
    run('list', '--limit', '1', '--json'),
    run('status', name, '--json', '--download', again),
  ]);
  expect(JSON.parse(listed.stdout)).toEqual([expect.objectContaining({ name, status: 'SUCCEEDED' })]);
  expect(JSON.parse(shown.stdout)).toMatchObject({ status: 'SUCCEEDED', output: document.output });
  expect(statSync(JSON.parse(shown.stdout).file).size).toBe(document.output.sizeInBytes);
});

test('a role that may not read the video is told so, and where the video is; no part of a file is left', async () => {
  const request = requestFile('unreadable', { jobId: 'small', render: smallRender });
  command.denied = 's3:GetObject';
  const file = join(command.folder, 'unreadable.mp4');
  const { status, stderr } = await run('render', '--request', request, '--download', file);
  command.denied = undefined;
  expect(status).toBe(1);
  expect(stderr).toContain('Delivered to s3://');
  expect(stderr).toMatch(/Let the role that this shell uses do s3:GetObject/);
  expect(stderr).toMatch(
    /Fetch the video: npx remotion-step-functions status arn:\S+ --download \S+unreadable\.mp4/,
  );
  expect(stderr).not.toContain('The render goes on');
  expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
});
