import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  getRenderProgress,
  type RenderMediaOnLambdaInput,
  renderMediaOnLambda,
} from '@remotion/lambda/client';
import { RenderInternals } from '@remotion/renderer';
import { findChromium } from '../../../local/remotion/chromium.ts';
import { remotionFunction } from '../../../local/remotion/remotion-function.ts';
import { bundleSite } from '../../../stacks/renderer/bundle-site.ts';
import { until } from '../lambda/until.ts';
import { BUCKET, startOneMachine } from './one-machine.ts';

const ENTRY_POINT = fileURLToPath(new URL('../../../examples/hello-world/index.ts', import.meta.url));
const region = 'us-east-1';
const REMOTION_FUNCTION = {
  functionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
  folder: '',
  handler: 'index.handler',
  timeoutInSeconds: 240,
  memoryInMegabytes: 2048,
  maximumRetryAttempts: 0,
};

let machine: Awaited<ReturnType<typeof startOneMachine>>;

beforeAll(async () => {
  const [chromium, site] = [await findChromium(), await bundleSite(ENTRY_POINT)];
  machine = await startOneMachine([remotionFunction(chromium)(REMOTION_FUNCTION)], site);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: machine.endpointUrl,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
}, 120_000);
afterAll(() => machine?.stop());

async function start(inputProps: Record<string, unknown>, options: Partial<RenderMediaOnLambdaInput> = {}) {
  const { renderId } = await renderMediaOnLambda({
    region,
    functionName: REMOTION_FUNCTION.functionName,
    serveUrl: machine.serveUrl,
    composition: 'HelloWorld',
    codec: 'h264',
    forceBucketName: BUCKET,
    inputProps,
    x264Preset: 'ultrafast',
    maxRetries: 0,
    ...options,
  });
  return renderId;
}

const progressOf = (renderId: string) =>
  getRenderProgress({
    region,
    functionName: REMOTION_FUNCTION.functionName,
    bucketName: BUCKET,
    renderId,
    skipLambdaInvocation: true,
  });

async function finished(renderId: string) {
  for (;;) {
    const progress = await progressOf(renderId);
    if (progress.done || progress.fatalErrorEncountered) return progress;
    await setTimeout(100);
  }
}

it("renders a real video with Remotion's own function, client and Chromium, and leaves /tmp alone", async () => {
  const folder = mkdtempSync('/tmp/canary-');
  writeFileSync(join(folder, 'file'), 'alive');
  writeFileSync(`${folder}.txt`, 'alive');

  const { done, errors, outBucket, outKey } = await finished(
    await start({ title: 'Test', durationInSeconds: 0.5 }, { framesPerLambda: 8 }),
  );
  expect(errors).toEqual([]);
  expect(done).toBe(true);

  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('alive');
  expect(readFileSync(`${folder}.txt`, 'utf8')).toBe('alive');
  const { bytes, contentType } = await machine.read(outBucket ?? '', outKey ?? '');
  expect(contentType).toBe('video/mp4');
  writeFileSync(join(folder, 'video.mp4'), bytes ?? '');
  const [video, audio] = await probe(join(folder, 'video.mp4'));
  rmSync(folder, { recursive: true });
  rmSync(`${folder}.txt`);
  expect(video).toMatchObject({
    codec_name: 'h264',
    width: 1280,
    height: 720,
    r_frame_rate: '30/1',
    nb_frames: '15',
  });
  expect(Number(video?.duration)).toBeCloseTo(0.5);
  expect(audio).toMatchObject({ codec_name: 'aac' });
}, 60_000);

it('reports what a composition throws as the error of its render', async () => {
  const { done, fatalErrorEncountered, errors } = await finished(
    await start({ durationInSeconds: 0.2, failAtFrame: 2 }),
  );
  expect(done).toBe(false);
  expect(fatalErrorEncountered).toBe(true);
  expect(errors[0]).toMatchObject({
    message: 'HelloWorld fails at frame 2, as its props ask',
    isFatal: true,
  });
}, 60_000);

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux(
  'leaves no Chromium behind when its function processes are killed in the middle of a render',
  async () => {
    const renderId = await start(
      { durationInSeconds: 1, delayPerFrameInMilliseconds: 1000 },
      { framesPerLambda: 30 },
    );
    await until(() => machine.host.processes.some((each) => each.requestId));
    while ((await progressOf(renderId)).framesRendered === 0) await setTimeout(100);
    const groups = machine.host.processes.map(({ pid }) => pid ?? 0);
    expect(namesOfGroups(groups)).toContain('chromium');

    for (const each of machine.host.processes) each.kill();
    expect(await until(() => namesOfGroups(groups).length === 0)).toBe(true);
    expect((await progressOf(renderId)).done).toBe(false);
  },
  60_000,
);

/** Names of the processes that run in the process groups. */
function namesOfGroups(groups: number[]): string[] {
  const names: string[] = [];
  for (const pid of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const [, name = '', state, group] =
        /\((.*)\) (\w) \d+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      if (state !== 'Z' && groups.includes(Number(group))) names.push(name);
    } catch {
      // It has ended since the folder was listed.
    }
  }
  return names;
}

/** The streams of a video, as ffprobe describes them. */
async function probe(file: string): Promise<Record<string, string | number>[]> {
  const ffprobe = RenderInternals.getExecutablePath({
    type: 'ffprobe',
    indent: false,
    logLevel: 'error',
    binariesDirectory: null,
  });
  const { stdout } = await promisify(execFile)(
    ffprobe,
    ['-v', 'error', '-show_streams', '-of', 'json', file],
    { cwd: dirname(ffprobe) },
  );
  return JSON.parse(stdout).streams;
}
