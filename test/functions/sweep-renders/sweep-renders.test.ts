import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  type DescribeExecutionInput,
  ListExecutionsCommand,
  type ListExecutionsInput,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { finishedProgress } from '../remotion-progress.ts';
import { collectMetrics } from '../runtime/collect-metrics.ts';
import { execution, JOBS_PREFIX, loadSteps, render, TURNS_PREFIX } from '../steps.ts';

const { bucket, clock, call, sendAway, getRenderProgress } = await loadSteps({
  TURNS_PREFIX,
  MAX_CONCURRENT_RENDERS: '1',
  // Off by default in development.
  POWERTOOLS_METRICS_DISABLED: 'false',
  POWERTOOLS_SERVICE_NAME: 'Machine',
  STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:Machine',
  CANCEL_RENDER_FUNCTION_NAME: 'cancel-render',
});
const { handler: sweep } = await import('../../../functions/sweep-renders/sweep-renders.ts');
const { handler: awaitTurn } = await import('../../../functions/await-turn/await-turn.ts');

interface Known {
  status: string;
  /** Milliseconds since 1970. */
  endedAt?: number;
}

const states = mockClient(SFNClient);
const lambda = mockClient(LambdaClient);
const known = new Map<string, Known>();
let metrics: ReturnType<typeof collectMetrics>;

beforeEach(() => {
  states.reset();
  lambda.reset();
  known.clear();
  metrics = collectMetrics();
  states.on(ListExecutionsCommand).callsFake(({ statusFilter }: ListExecutionsInput) => ({
    executions: [...known]
      .filter(([, { status }]) => status === statusFilter)
      .map(([executionArn]) => ({ executionArn, startDate: new Date(clock.now) })),
  }));
  states
    .on(DescribeExecutionCommand)
    .callsFake(({ executionArn = '', includedData }: DescribeExecutionInput) => {
      const found = known.get(executionArn);
      if (!found) throw Object.assign(new Error('none'), { name: 'ExecutionDoesNotExist' });
      const input = JSON.stringify({ jobId: executionArn.split(':').at(-1), render });
      return {
        executionArn,
        status: found.status,
        startDate: new Date(clock.now - 600_000),
        ...(found.endedAt !== undefined && { stopDate: new Date(found.endedAt) }),
        ...(includedData === 'ALL_DATA' && { input }),
      };
    });
  lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
});

async function come(name: string, request: object = {}): Promise<void> {
  clock.now += 1_000;
  known.set(execution(name), { status: 'RUNNING' });
  await awaitTurn({
    input: { jobId: name, render, ...request },
    executionArn: execution(name),
    enteredAt: new Date(clock.now).toISOString(),
    taskToken: `token of ${name}`,
  });
}
/** Its event is lost. */
function ends(name: string, status: string): void {
  known.set(execution(name), { status, endedAt: clock.now });
  clock.now += 61_000;
}
const holders = () =>
  (bucket.json(`${TURNS_PREFIX}register.json`).places as { jobId: string }[]).map(({ jobId }) => jobId);
const line = () => [...bucket.objects.keys()].filter((key) => key.includes('/waiting/'));
const cancelled = () =>
  lambda
    .commandCalls(InvokeCommand)
    .map(({ args: [{ input }] }) => JSON.parse(String(input.Payload)).detail.executionArn);
const measured = (name: string) => metrics.filter((each) => each.name === name).map(({ value }) => value);

test('what is as it should be stays so, and is counted', async () => {
  for (const name of ['a', 'b', 'c']) await come(name);
  clock.now += 10_000;
  await sweep();
  expect(holders()).toEqual(['a']);
  expect(line()).toHaveLength(2);
  expect(cancelled()).toEqual([]);
  expect([measured('RunningRenders'), measured('WaitingRenders')]).toEqual([[1], [2]]);
  expect([measured('OldestTicketAge'), measured('SweepFound')]).toEqual([[11], [0]]);
});

test('the ticket of an execution that was stopped while it waited goes', async () => {
  for (const name of ['a', 'b']) await come(name);
  ends('b', 'ABORTED');
  await sweep();
  expect(line()).toEqual([]);
  expect(measured('SweepFound')).toEqual([1]);
});

test('the place of an execution that was stopped is given on by CancelRender, once its render is cancelled', async () => {
  for (const name of ['a', 'b']) await come(name);
  ends('a', 'ABORTED');
  await sweep();
  expect(cancelled()).toEqual([execution('a')]);
  expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toMatchObject({
    FunctionName: 'cancel-render',
    InvocationType: 'Event',
  });
  expect(holders()).toEqual(['a']);
  expect(measured('SweepFound')).toEqual([1]);
});

test('the place of an execution that has succeeded, which nobody has given back, goes to the next', async () => {
  for (const name of ['a', 'b']) await come(name);
  ends('a', 'SUCCEEDED');
  await sweep();
  expect(cancelled()).toEqual([]);
  expect(holders()).toEqual(['b']);
  expect(call).toHaveBeenLastCalledWith('token of b', expect.anything());
});

test('a place for which nobody comes, and whose ticket is gone, goes to the next while its execution waits anew', async () => {
  for (const name of ['a', 'b']) await come(name);
  clock.now += 299_000;
  await sweep();
  expect(holders()).toEqual(['a']);
  clock.now += 60_000;
  await sweep();
  expect(holders()).toEqual(['b']);
  expect(measured('SweepFound')).toEqual([0, 1]);
});

test('a place that was taken stays, for however long its execution runs', async () => {
  for (const name of ['a', 'b']) await come(name);
  const Key = `${TURNS_PREFIX}register.json`;
  const [place] = bucket.json(Key).places as object[];
  bucket.put({ Key, Body: JSON.stringify({ version: 1, places: [{ ...place, takenAt: clock.now }] }) });
  clock.now += 3_600_000;
  await sweep();
  expect(holders()).toEqual(['a']);
});

test('an end of a moment ago is seen to, and is nobody’s fault', async () => {
  await come('a');
  known.set(execution('a'), { status: 'ABORTED', endedAt: clock.now });
  await sweep();
  expect(cancelled()).toEqual([execution('a')]);
  expect(measured('SweepFound')).toEqual([0]);
});

test('who has waited for as long as it may is sent away, with its number in the line', async () => {
  await come('a');
  await come('b', { startTimeoutInSeconds: 60 });
  await come('c');
  clock.now += 60_000;
  await sweep();
  expect(sendAway).toHaveBeenCalledTimes(1);
  expect(sendAway).toHaveBeenCalledWith(
    'token of b',
    'RenderThrottled',
    expect.stringContaining('number 1 of 2'),
  );
  expect(line()).toHaveLength(1);
});

test('a ticket that nobody has called is called', async () => {
  call.mockRejectedValueOnce(new Error('The function has ended.'));
  await come('a');
  clock.now += 6_000;
  await sweep();
  expect(call).toHaveBeenCalledTimes(2);
  expect(line()).toEqual([]);
});

describe('an execution that has ended since the last sweep', () => {
  const claim = (name: string, more: object) =>
    bucket.put({
      Key: `${JOBS_PREFIX}${name}.json`,
      Body: JSON.stringify({
        state: 'started',
        owner: execution(name),
        attempt: 1,
        claimedAt: clock.now,
        requestHash: '',
        render: { renderId: 'render-1', startedAt: clock.now },
        ...more,
      }),
    });

  async function endsBetween(status: string, more: object = {}): Promise<void> {
    known.set(execution('old'), { status: 'RUNNING' });
    await sweep();
    claim('old', more);
    // It was started long before, so that no list of those that have begun since has it.
    states.on(ListExecutionsCommand).resolves({ executions: [] });
    ends('old', status);
    await sweep();
  }

  test('and has left a render that runs is cancelled again', async () => {
    await endsBetween('ABORTED');
    expect(cancelled()).toEqual([execution('old')]);
    expect(measured('SweepFound')).toEqual([0, 1]);
  });

  test('and has left a start of which nobody knows is cancelled again', async () => {
    await endsBetween('FAILED', { state: 'starting', render: undefined });
    expect(cancelled()).toEqual([execution('old')]);
  });

  test.each([
    ['its render is finished', 'TIMED_OUT', {}],
    ['its render was cancelled', 'ABORTED', { state: 'failed' }],
    ['the render of its job is another’s', 'ABORTED', { owner: execution('another') }],
    ['it has succeeded', 'SUCCEEDED', {}],
  ])('is left alone where %s', async (what, status, more) => {
    if (what === 'its render is finished') getRenderProgress.mockResolvedValue(finishedProgress);
    await endsBetween(status, more);
    expect(cancelled()).toEqual([]);
  });

  test('is looked at by the next sweep where its event may still be on the way', async () => {
    known.set(execution('old'), { status: 'RUNNING' });
    await sweep();
    claim('old', {});
    known.set(execution('old'), { status: 'ABORTED', endedAt: clock.now });
    await sweep();
    expect(cancelled()).toEqual([]);
    clock.now += 61_000;
    await sweep();
    expect(cancelled()).toEqual([execution('old')]);
  });
});
