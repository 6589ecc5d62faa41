import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { arnOf, STATE_MACHINE_ARN, startTestConsole } from './test-console.ts';

const DEFINITION = readFileSync(
  join(import.meta.dirname, '../../../statemachine/render-workflow.asl.json'),
  'utf8',
);
const REQUEST = { jobId: 'order-1', render: { composition: 'Invoice', codec: 'h264' } };

let console: Awaited<ReturnType<typeof startTestConsole>>;

beforeAll(async () => {
  console = await startTestConsole();
});
afterAll(() => console.stop());
beforeEach(() => {
  console.sfn.reset();
  console.s3.reset();
  console.sfn.on(DescribeStateMachineCommand).resolves({ definition: DEFINITION });
});

describe('only the page may ask', () => {
  test.each([
    ['a name that leads here', { host: 'evil.example' }, 421],
    ['a name that leads here, with the port', { host: 'evil.example:4567' }, 421],
  ])('%s is refused, for the page and for its API', async (_what, headers, status) => {
    expect((await console.ask('', headers)).status).toBe(status);
    expect((await console.ask('api/workflow', { ...headers, 'x-console-token': console.token })).status).toBe(
      status,
    );
  });

  test.each([
    ['no token', {}],
    ['a wrong token', { 'x-console-token': 'x'.repeat(32) }],
    ['a token of another length', { 'x-console-token': 'x' }],
  ])('without its key (%s) nothing is told and nothing is changed', async (_what, headers) => {
    const renders = ['api/renders/x/request', 'api/renders/x/files/0', 'api/renders/x/visits/1'];
    const batches = ['api/batches/x/request', 'api/batches/x/files/results.csv', 'api/live?batch=x'];
    for (const path of ['api/workflow', 'api/live', ...renders, ...batches])
      expect([path, (await console.ask(path, headers)).status]).toEqual([path, 403]);
    const changes = [
      'api/renders/x/stop',
      'api/renders/x/redrive',
      'api/batches/x/stop',
      'api/batches/x/finish',
    ];
    for (const path of ['api/renders', 'api/check', 'api/fault', 'api/batches/x/retry', ...changes])
      expect([path, (await console.ask(path, headers, JSON.stringify(REQUEST))).status]).toEqual([path, 403]);
    expect(console.sfn.calls()).toHaveLength(0);
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port, as browsers say it', { 'sec-fetch-site': 'same-site' }],
  ])('a page of %s is refused even with the key', async (_what, headers) => {
    const own = { ...headers, 'x-console-token': console.token };
    expect((await console.ask('api/renders', own, JSON.stringify(REQUEST))).status).toBe(403);
    expect((await console.ask('api/workflow', own)).status).toBe(403);
    expect(console.sfn.calls()).toHaveLength(0);
  });

  test('no answer lets another origin read it, frame it or run scripts in it', async () => {
    for (const path of ['', 'main.js', 'api/workflow', 'nothing']) {
      const { headers } = await console.ask(path);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+';/);
      expect(policy).not.toContain('unsafe');
    }
  });

  test('the page has no key in it, but for one machine, where everybody may do everything', async () => {
    expect((await console.ask('')).text).not.toContain(console.token);
    const open = await startTestConsole({ isOpen: true });
    expect((await open.ask('')).text).toMatch(/name="console-token" content="[\w-]{32}"/);
    await open.stop();
  });

  test.each([
    '../console-api.ts',
    '..%2fconsole-api.ts',
    'index.html',
    '.env',
    'module/../main.js',
    'page-files.js',
  ])('there is no file %s', async (path) => {
    expect([404, 200]).toContain((await console.ask(path)).status);
    expect((await console.ask(path)).text).not.toContain('import type');
  });

  test('credentials are in no answer', async () => {
    const { text } = await console.ask('api/workflow', { 'x-console-token': console.token });
    expect(text).not.toContain('AKIAEXAMPLE');
    expect(text).not.toContain(console.token);
  });
});

test('the page names all of its modules, and each of them is there', async () => {
  const { text } = await console.ask('');
  const addresses = [...text.matchAll(/modulepreload" href="\.\/([^"]+)"/g)].map(
    ([, address = '']) => address,
  );
  expect(addresses).toEqual(expect.arrayContaining(['main.js', 'module/preact.js', 'batch-view.js']));
  for (const address of addresses) {
    const answer = await console.ask(address);
    expect([address, answer.status]).toEqual([address, 200]);
    const imported = [...answer.text.matchAll(/from '\.\/([a-z-]+\.js)'/g)].map(([, name]) => name);
    expect(addresses).toEqual(expect.arrayContaining(imported));
  }
});

test('the workflow is told with its graph, the schema of a request and what to do about errors', async () => {
  const workflow = await console.read('api/workflow');
  expect(workflow).toMatchObject({
    name: 'Videos-RenderWorkflow',
    region: 'eu-west-1',
    schema: { title: 'Render Requested' },
    errors: { RenderFailed: { retryable: true } },
    graph: { startAt: 'ReadRequest' },
  });
  expect(workflow).not.toHaveProperty('machine');
});

test('without the permission to read the definition, the page says which one is missing', async () => {
  console.sfn.on(DescribeStateMachineCommand).rejects(
    Object.assign(
      new Error('User: me is not authorized to perform: states:DescribeStateMachine on resource: x'),
      {
        name: 'AccessDeniedException',
        action: 'states:DescribeStateMachine',
      },
    ),
  );
  const { graphTrouble } = await console.read('api/workflow');
  expect(graphTrouble.remedy).toContain('states:DescribeStateMachine');
});

test('a wrong request is answered with the message of every wrong field, and not sent', async () => {
  const wrong = {
    jobId: '',
    render: { codec: 'h266', webhook: { url: 'x', secret: 's' } },
    maxCostInUsd: -1,
    to: 1,
  };
  const { problems } = await console.change('api/renders', wrong);
  expect(problems.map(({ field }: { field: string }) => field).sort()).toEqual(
    ['jobId', 'maxCostInUsd', 'render.codec', 'render.composition', 'render.webhook.secret', 'to'].sort(),
  );
  expect(problems).toContainEqual({
    field: 'render.codec',
    message: expect.stringContaining('given "h266"; accepted: one of h264'),
  });
  expect(console.sfn.calls()).toHaveLength(0);
});

test('a request that Step Functions has no room for is not sent', async () => {
  const large = { ...REQUEST, render: { ...REQUEST.render, inputProps: { text: 'x'.repeat(300_000) } } };
  const { problems } = await console.change('api/renders', large);
  expect(problems).toEqual([{ field: 'request', message: expect.stringContaining('render.inputPropsUri') }]);
});

test('a right request is started', async () => {
  console.sfn.on(StartExecutionCommand).resolves({ executionArn: arnOf('order-1-abcd') });
  expect(await console.change('api/renders', REQUEST)).toEqual({ name: 'order-1-abcd' });
  const [call] = console.sfn.commandCalls(StartExecutionCommand);
  expect(call?.args[0].input).toMatchObject({
    stateMachineArn: STATE_MACHINE_ARN,
    input: JSON.stringify(REQUEST),
  });
});

test('what AWS refuses is told with what to do', async () => {
  console.sfn.on(StopExecutionCommand).rejects(
    Object.assign(new Error('User: me is not authorized to perform: states:StopExecution on resource: x'), {
      name: 'AccessDeniedException',
      action: 'states:StopExecution',
    }),
  );
  const { trouble } = await console.change('api/renders/it/stop', {});
  expect(trouble).toEqual({
    message: expect.stringContaining('Access denied'),
    remedy: expect.stringContaining('states:StopExecution on x'),
  });
});

test('stop and redrive are of the execution with that name', async () => {
  console.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  console.sfn.on(DescribeExecutionCommand).resolves({ status: 'ABORTED' });
  await console.change('api/renders/it/stop', {});
  await console.change('api/renders/it/redrive', {});
  const executionArn = arnOf('it');
  expect(console.sfn.commandCalls(StopExecutionCommand, { executionArn })).toHaveLength(1);
  expect(console.sfn.commandCalls(RedriveExecutionCommand, { executionArn })).toHaveLength(1);
});

test('a fault that there is not is refused; on AWS there are none', async () => {
  const setFault = () => {
    throw new RangeError('There is no fault "x" to switch on.');
  };
  const machine = {
    logFile: '',
    faultKinds: [],
    faultTargets: [],
    callsAfter: () => [],
    fault: () => undefined,
  };
  const local = await startTestConsole({ machine: { ...machine, setFault } });
  const ask = (from: typeof local) =>
    from.ask('api/fault', { 'x-console-token': from.token }, '{"fault":{"kind":"x","target":"y"}}');
  expect(await ask(local)).toMatchObject({ status: 400, text: expect.stringContaining('There is no fault') });
  expect(await ask(console)).toMatchObject({ status: 404 });
  await local.stop();
});

test('a video is at an address that S3 has signed for an hour, and only of what was delivered', async () => {
  const output = {
    bucket: 'our-videos',
    key: 'videos/a b.mp4',
    artifacts: [{ filename: 'captions.srt', key: 'c.srt' }],
  };
  console.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  console.sfn.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', output: JSON.stringify(output) });
  console.s3.on(HeadObjectCommand).resolves({});
  const { ticket } = await console.read('api/workflow');
  const at = (index: number, more = '') =>
    console.ask(`api/renders/done/files/${index}?ticket=${ticket}${more}`);
  const { status, headers } = await at(0);
  expect(status).toBe(302);
  const location = new URL(String(headers.location));
  expect(location.pathname).toBe('/videos/a%20b.mp4');
  expect(location.searchParams.get('X-Amz-Expires')).toBe('3600');
  const captions = new URL(String((await at(1, '&download')).headers.location));
  expect(captions.searchParams.get('response-content-disposition')).toBe(
    'attachment; filename="captions.srt"',
  );
  expect((await at(2)).status).toBe(404);
});
