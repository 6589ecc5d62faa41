import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testHost } from './test-host.ts';
import { until } from './until.ts';

const functions = testHost({
  describe: {
    code: `export const handler = async (event, context) => ({
        event, context, remaining: context.getRemainingTimeInMillis(), env: process.env, cwd: process.cwd() })`,
    environment: { TABLE: 'orders', AWS_REGION: 'eu-west-1' },
  },
  wait: { code: `export const handler = (ms) => new Promise((done) => setTimeout(done, ms, process.pid))` },
  fail: {
    code: `class RenderFailed extends Error { name = 'RenderFailed' }
        export const handler = async (text) => { throw text ? text : new RenderFailed('Frame 12') }`,
  },
  reject: {
    code: `export const handler = () => new Promise(() => { Promise.reject(new Error('nobody cares')) })`,
  },
  crash: {
    code: `export const handler = () => new Promise(() => { setTimeout(() => { throw new TypeError('late') }) })`,
  },
  exit: { code: 'export const handler = (code) => new Promise(() => process.exit(code))' },
  hoard: {
    code: 'export const handler = () => { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)) }',
  },
  slow: { code: 'export const handler = () => new Promise(() => {})', timeoutInSeconds: 1 },
  misconfigured: { code: `throw Object.assign(new Error('BUCKET is not set'), { name: 'MissingVariable' })` },
  misspelt: { code: 'export const handler = () => {', handler: 'index.handler' },
  absent: { code: '', handler: 'main.handler' },
  unexported: { code: 'export const other = () => {}' },
  unresolved: { code: `import 'no-such-package'` },
  nothing: { code: 'export const handler = () => {}' },
  verbose: { code: 'export const handler = () => "x".repeat(7_000_000)' },
  talk: { code: 'export const handler = () => { console.log("out"); console.error("err\\nmore") }' },
  write: {
    code: `import { writeFileSync, readFileSync, rmSync } from 'node:fs'; import { tmpdir } from 'node:os';
        export const handler = ({ path, remove }) => {
          if (remove) return rmSync(remove);
          const file = path ?? tmpdir() + '/own'; writeFileSync(file, 'text'); return readFileSync(file, 'utf8') }`,
  },
  limited: {
    code: `export const handler = (ms) => new Promise((done) => setTimeout(done, ms))`,
    concurrencyLimit: 1,
  },
});
afterAll(() => functions.stop());

it('gives a handler its event and the context of Lambda', async () => {
  const { payload, requestId, functionError } = await functions.call('describe', { order: 7 });
  expect(functionError).toBeUndefined();
  expect(payload.event).toEqual({ order: 7 });
  expect(payload.context).toMatchObject({
    awsRequestId: requestId,
    functionName: 'describe',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:describe',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/describe',
  });
  expect(payload.remaining).toBeGreaterThan(8000);
  expect(payload.remaining).toBeLessThanOrEqual(10_000);
});

it('gives a process the environment of its function and of Lambda, and nothing of the person', async () => {
  process.env.AWS_PROFILE = 'private';
  process.env.HTTP_PROXY = 'http://proxy.example';
  const { env, cwd } = (await functions.call('describe')).payload;
  delete process.env.AWS_PROFILE;
  delete process.env.HTTP_PROXY;
  expect(env).toMatchObject({
    TABLE: 'orders',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'describe',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_ACCESS_KEY_ID: expect.stringMatching(/^describe-\d+$/),
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    LAMBDA_TASK_ROOT: cwd,
    TZ: ':UTC',
    _X_AMZN_TRACE_ID: expect.stringMatching(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
    ),
  });
  expect(env.HOME).toBe(env.TMPDIR);
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['HTTP_PROXY']));
});

it('runs concurrent invocations in processes of their own, and uses an idle process again', async () => {
  const [first, second] = await Promise.all([functions.call('wait', 200), functions.call('wait', 200)]);
  expect(first.payload).not.toBe(second.payload);
  const third = await functions.call('wait', 0);
  expect([first.payload, second.payload]).toContain(third.payload);
});

it('answers null where the handler returns nothing', async () => {
  expect((await functions.call('nothing')).payload).toBeNull();
});

it("reports a handler's error by its name, with the stack", async () => {
  expect(await functions.call('fail', null)).toMatchObject({
    functionError: 'Unhandled',
    payload: {
      errorType: 'RenderFailed',
      errorMessage: 'Frame 12',
      trace: expect.arrayContaining(['RenderFailed: Frame 12']),
    },
  });
  expect((await functions.call('fail', 'thrown text')).payload).toEqual({
    errorType: 'string',
    errorMessage: 'thrown text',
    trace: [],
  });
});

it('reports what nobody caught, and starts a new process after', async () => {
  expect((await functions.call('reject')).payload).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: nobody cares',
  });
  const crash = { errorType: 'TypeError', errorMessage: 'late' };
  expect((await functions.call('crash')).payload).toMatchObject(crash);
  expect((await functions.call('crash')).payload).toMatchObject(crash);
});

it.each([
  ['misconfigured', 'MissingVariable', 'BUCKET is not set'],
  ['misspelt', 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
  ['absent', 'Runtime.ImportModuleError', "Error: Cannot find module 'main'"],
  ['unresolved', 'Runtime.ImportModuleError', /no-such-package/],
  ['unexported', 'Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
])('reports by name why the function %s does not load', async (name, errorType, message) => {
  const { payload, functionError } = await functions.call(name);
  expect(functionError).toBe('Unhandled');
  expect(payload.errorType).toBe(errorType);
  expect(payload.errorMessage).toMatch(message);
});

it('reports the end of a process as Runtime.ExitError', async () => {
  const failed = await functions.call('exit', 3);
  expect(failed.payload).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${failed.requestId} Error: Runtime exited with error: exit status 3`,
  });
  const ended = await functions.call('exit', 0);
  expect(ended.payload.errorMessage).toBe(
    `RequestId: ${ended.requestId} Error: Runtime exited without providing a reason`,
  );
});

it('ends a function that wants more memory than it has', async () => {
  const { payload } = await functions.call('hoard');
  expect(payload).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringMatching(/signal: aborted$/),
  });
});

it('ends a function at its timeout', async () => {
  const { payload, requestId } = await functions.call('slow');
  expect(payload).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
  });
  expect(functions.host.processes.map((each) => each.functionName)).not.toContain('slow');
});

it('refuses a response beyond 6 MB', async () => {
  expect((await functions.call('verbose')).payload.errorType).toBe('Function.ResponseSizeTooLarge');
});

it('hands every line that a function writes to the log', async () => {
  await functions.call('talk');
  const spoken = () => functions.lines.filter((line) => line.startsWith('talk: '));
  await until(() => spoken().length === 3);
  expect(spoken().sort()).toEqual(['talk: err', 'talk: more', 'talk: out']);
});

it('lets a process write its own folder, and neither write nor delete anything else', async () => {
  expect((await functions.call('write', {})).payload).toBe('text');
  const folder = mkdtempSync(join(tmpdir(), 'outside-'));
  const file = join(folder, 'canary');
  writeFileSync(file, 'alive');
  for (const attempt of [{ path: file }, { path: join(folder, 'new') }, { remove: file }])
    expect((await functions.call('write', attempt)).payload.errorMessage).toMatch(
      /^Access to this API has been restricted/,
    );
  expect(readdirSync(folder)).toEqual(['canary']);
  expect(readFileSync(file, 'utf8')).toBe('alive');
  rmSync(folder, { recursive: true });
});

it('throttles beyond the concurrency limit', async () => {
  const running = functions.call('limited', 150);
  await expect(functions.call('limited', 0)).rejects.toMatchObject({
    code: 'TooManyRequestsException',
    status: 429,
  });
  expect((await running).functionError).toBeUndefined();
});

it('ends the wait of an aborted invocation and lets the function run on', async () => {
  const waiting = functions.host.invoke({
    functionName: 'wait',
    payload: '3000',
    signal: AbortSignal.timeout(50),
  });
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(
    functions.host.processes.filter((each) => each.functionName === 'wait' && each.requestId),
  ).toHaveLength(1);
});

it('refuses a function that it does not have', async () => {
  await expect(functions.call('unknown')).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:unknown',
  });
});
