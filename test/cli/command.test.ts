import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { smallRender } from '../end-to-end/test-machine.ts';
import { finish } from '../finish.ts';
import { COMMAND, commandOnMachine, shows } from './command-on-machine.ts';

const command = commandOnMachine();
const { run, start, requestFile } = command;

const waitingRequest = (jobId: string) => requestFile(jobId, { jobId, render: smallRender });

async function statusOf(executionArn: string): Promise<string | undefined> {
  return (await command.on.sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
}

test('render exits with 1 and says what to do when the execution fails', async () => {
  const request = requestFile('bad', { render: { ...smallRender, codec: 'h266' } });
  const { status, stdout, stderr } = await run('render', '--request', request, '--json');
  expect(status).toBe(1);
  expect(stderr).toContain('✖ InvalidRenderRequest');
  expect(stderr).toContain('render.codec: given "h266"');
  expect(stderr).toContain('What to do:');
  expect(JSON.parse(stdout)).toMatchObject({ status: 'FAILED', error: 'InvalidRenderRequest' });
});

describe('a render that waits for capacity', () => {
  beforeAll(() => {
    command.throttled = true;
  });
  afterAll(() => {
    command.throttled = false;
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
        const line = `stty cols 80; "${process.execPath}" "${COMMAND}" render --request "${waitingRequest(`asked-${status}`)}"`;
        const child = spawn('script', ['-qfec', line, '/dev/null'], { env: command.environment() });
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
    command.denied = action;
    const { status, stderr } = await run(...args);
    command.denied = undefined;
    expect(status).toBe(1);
    expect(stderr).toContain('Access denied');
    expect(stderr).toMatch(new RegExp(`Let the role that this shell uses do ${action} on (arn:|\\*)`));
  });
});

test('--help tells the exit statuses', async () => {
  const { status, stdout } = await run('render', '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Exit status: 0 done; 1 the execution failed, or AWS refused; 2 the command');
});
