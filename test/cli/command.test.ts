import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { AwsError } from '../../local/aws.ts';
import { type Launched, launch } from '../../local/launch.ts';
import { REMOTION_FUNCTION_NAME } from '../../local/remotion/remotion-function.ts';

jest.setTimeout(60_000);

const COMMAND = join(import.meta.dirname, '../../bin/remotion-step-functions.js');
let machine: Launched;
let sfn: SFNClient;
let folder: string;
/** An action that the caller's role lacks. */
let denied: string | undefined;
/** Whether Lambda has no capacity for renders: executions then stay in StartRender. */
let throttled = false;

beforeAll(async () => {
  machine = await launch({
    intercept: ({ request, authorizations: [asked] }, next) => {
      const { action, resource } = asked ?? {};
      if (throttled && resource?.endsWith(`:function:${REMOTION_FUNCTION_NAME}`)) {
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      }
      const isCaller = request.headers.authorization?.includes('Credential=local/');
      if (action === undefined || action !== denied || !isCaller) return next();
      throw new AwsError(
        'AccessDeniedException',
        `User: arn:aws:iam::123456789012:user/me is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
      );
    },
  });
  sfn = new SFNClient(machine.clientConfig);
  folder = mkdtempSync(join(tmpdir(), 'command-'));
});
afterAll(async () => {
  await machine?.stop();
  rmSync(folder, { recursive: true });
});

const SMALL_RENDER = {
  composition: 'HelloWorld',
  codec: 'h264',
  inputProps: { durationInSeconds: 1 },
  framesPerLambda: 30,
  scale: 0.25,
};

function requestFile(name: string, request: unknown): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(request));
  return file;
}

const waitingRequest = (jobId: string) => requestFile(jobId, { jobId, render: SMALL_RENDER });

/** A shell of somebody who may use the machine and has nothing else of AWS. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: machine.endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...args], { env: { ...environment(), ...env } });
}

async function finish(child: ChildProcess) {
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    exit,
  ]);
  return { stdout, stderr, status };
}

const run = (...args: string[]) => finish(start(args));

function shows(child: ChildProcess, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    let shown = '';
    const look = (chunk: Buffer) => {
      shown += chunk;
      if (shown.includes(wanted)) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  });
}

async function statusOf(executionArn: string): Promise<string | undefined> {
  return (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
}

test('render starts a render, shows its states and progress, and fetches the video; list and status know it', async () => {
  const request = requestFile('small', { jobId: 'small', render: SMALL_RENDER });
  const file = join(folder, 'small.mp4');
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
  const again = join(folder, 'again/');
  const [listed, shown] = await Promise.all([
    run('list', '--limit', '1', '--json'),
    run('status', name, '--json', '--download', again),
  ]);
  expect(JSON.parse(listed.stdout)).toEqual([expect.objectContaining({ name, status: 'SUCCEEDED' })]);
  expect(JSON.parse(shown.stdout)).toMatchObject({ status: 'SUCCEEDED', output: document.output });
  expect(statSync(JSON.parse(shown.stdout).file).size).toBe(document.output.sizeInBytes);
});

test('render exits with 1 and says what to do when the execution fails', async () => {
  const request = requestFile('bad', { render: { ...SMALL_RENDER, codec: 'h266' } });
  const { status, stdout, stderr } = await run('render', '--request', request, '--json');
  expect(status).toBe(1);
  expect(stderr).toContain('✖ InvalidRenderRequest');
  expect(stderr).toContain('render.codec: given "h266"');
  expect(stderr).toContain('What to do:');
  expect(JSON.parse(stdout)).toMatchObject({ status: 'FAILED', error: 'InvalidRenderRequest' });
});

describe('a render that waits for capacity', () => {
  beforeAll(() => {
    throttled = true;
  });
  afterAll(() => {
    throttled = false;
  });

  test('a detached render goes on, and is stopped by name', async () => {
    const detached = await run('render', '--request', waitingRequest('detached'), '--detach', '--json');
    expect(detached.status).toBe(0);
    const { executionArn } = JSON.parse(detached.stdout);
    expect(detached.stderr).toContain(`npx remotion-step-functions stop ${executionArn}`);
    expect(await statusOf(executionArn)).toBe('RUNNING');
    const shown = await run('status');
    expect(shown).toMatchObject({ status: 0, stderr: expect.stringContaining('is running since') });
    const name = executionArn.split(':').at(-1);
    expect(await run('stop', name)).toMatchObject({ status: 0 });
    expect(await statusOf(executionArn)).toBe('ABORTED');
    const twice = await run('stop', executionArn);
    expect(twice).toMatchObject({ status: 0, stderr: expect.stringContaining('had ended already: ABORTED') });
  });

  test('Ctrl-C without a terminal leaves the render running and says how to stop it', async () => {
    const child = start(['render', '--request', waitingRequest('interrupted'), '--json']);
    const finished = finish(child);
    await shows(child, '- StartRender');
    child.kill('SIGINT');
    const { status, stdout, stderr } = await finished;
    expect(status).toBe(130);
    const { executionArn, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ status: 'RUNNING' });
    expect(stderr).toContain(`npx remotion-step-functions stop ${executionArn}`);
    expect(await statusOf(executionArn)).toBe('RUNNING');
    await run('stop', executionArn);
  });

  // util-linux's script gives the command a terminal; that of other systems has other options.
  (process.platform === 'linux' ? test : test.skip)(
    'Ctrl-C in a terminal asks whether to stop the render as well, and does what is answered',
    async () => {
      for (const [answer, expected, status] of [
        ['n\r', 'The render goes on by itself.', 'RUNNING'],
        ['y\r', 'its render is being cancelled', 'ABORTED'],
      ] as const) {
        const command = `stty cols 80; "${process.execPath}" "${COMMAND}" render --request "${waitingRequest(`asked-${status}`)}"`;
        const child = spawn('script', ['-qfec', command, '/dev/null'], { env: environment() });
        const finished = finish(child);
        await shows(child, 'StartRender');
        child.stdin.write('\x03');
        await shows(child, 'as well? [y/N]');
        child.stdin.write(answer);
        const { stdout, status: exitStatus } = await finished;
        expect(exitStatus).toBe(130);
        expect(stdout).toContain(expected);
        const [newest] = JSON.parse((await run('list', '--limit', '1', '--json')).stdout);
        expect(newest.status).toBe(status);
        await run('stop', newest.executionArn);
      }
    },
  );
});

describe('what cannot be done exits with 1, or with 2 if the command has to be changed, and says what to do', () => {
  const other = 'arn:aws:states:us-east-1:123456789012:stateMachine:Other';
  const example = join(import.meta.dirname, '../../examples/hello-world/request.json');
  test.each<[string, number, string[], NodeJS.ProcessEnv, string[]]>([
    [
      'no credentials',
      1,
      ['list'],
      { AWS_ACCESS_KEY_ID: undefined },
      ['no AWS credentials', 'aws sso login'],
    ],
    ['no region', 1, ['list'], { AWS_REGION: undefined }, ['no AWS region', '--region']],
    [
      'nobody there',
      1,
      ['list'],
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      ['http://127.0.0.1:9 cannot be reached', 'ECONNREFUSED', 'npm run local'],
    ],
    [
      'no such machine',
      1,
      ['render', '--request', example, '--state-machine-arn', other],
      {},
      ['State Machine Does Not Exist', 'StateMachineArn'],
    ],
    ['no such execution', 1, ['status', 'nothing'], {}, ['Execution Does Not Exist', 'list']],
    ['a wrong ARN', 2, ['list', '--state-machine-arn', 'Other'], {}, ['is not the ARN of a state machine']],
    [
      'a request that is too large',
      2,
      ['render', '--request', 'LARGE'],
      {},
      ['bytes, and Step Functions takes 262144', 'render.inputPropsUri'],
    ],
    ['no file', 2, ['render', '--request', 'no.json'], {}, ['--request: cannot read no.json (ENOENT)']],
    ['no request', 2, ['render'], {}, ["required option '--request <file>' not specified", '--help']],
    ['no such command', 2, ['rendr'], {}, ['Did you mean render?']],
    [
      'no folder for the video',
      2,
      ['render', '--request', example, '--download', 'no/such.mp4'],
      {},
      ['cannot be saved as no/such.mp4'],
    ],
  ])('%s', async (_what, expected, given, env, messages) => {
    const args = given.map((arg) => (arg === 'LARGE' ? requestFile('large', 'x'.repeat(300_000)) : arg));
    const { status, stdout, stderr } = await finish(start(args, env));
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    for (const message of messages) expect(stderr).toContain(message);
  });

  test.each([
    ['states:StartExecution', ['render', '--request', example]],
    ['states:ListStateMachines', ['list']],
  ])('a role without %s', async (action, args) => {
    denied = action;
    const { status, stderr } = await run(...args);
    denied = undefined;
    expect(status).toBe(1);
    expect(stderr).toContain('Access denied');
    expect(stderr).toMatch(new RegExp(`Let the role that this shell uses do ${action} on (arn:|\\*)`));
  });
});

test('a role that may not read the video is told so, and where the video is; no part of a file is left', async () => {
  const request = requestFile('unreadable', { jobId: 'small', render: SMALL_RENDER });
  denied = 's3:GetObject';
  const file = join(folder, 'unreadable.mp4');
  const { status, stderr } = await run('render', '--request', request, '--download', file);
  denied = undefined;
  expect(status).toBe(1);
  expect(stderr).toContain('Delivered to s3://');
  expect(stderr).toMatch(/Let the role that this shell uses do s3:GetObject/);
  expect(stderr).toMatch(
    /Fetch the video: npx remotion-step-functions status arn:\S+ --download \S+unreadable\.mp4/,
  );
  expect(stderr).not.toContain('The render goes on');
  expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
});

test('--help tells the exit statuses', async () => {
  const { status, stdout } = await run('render', '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Exit status: 0 done; 1 the execution failed, or AWS refused; 2 the command');
});
