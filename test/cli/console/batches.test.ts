import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { batchCounts } from '../../../cli/console/batch-counts.ts';
import { ExecutionFeed } from '../../../cli/console/execution-feed.ts';
import { ExecutionStory } from '../../../cli/console/execution-story.ts';
import { failedRow } from '../../../cli/console/failed-rows.ts';
import { BATCH_ARN, batchArnOf, refusal, startTestConsole } from './test-console.ts';

const PLACES = new Map([
  ['RemotionBucketName', 'remotion-bucket'],
  ['WorkflowPrefix', 'render-workflows/w/'],
]);
const DEFINITION = readFileSync(
  join(import.meta.dirname, '../../../statemachine/render-batch.asl.json'),
  'utf8',
).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => PLACES.get(name) ?? name);

let console: Awaited<ReturnType<typeof startTestConsole>>;
const execution = { status: 'FAILED', input: '{"batchId":"spring"}', stateMachineArn: BATCH_ARN } as const;

beforeEach(async () => {
  console = await startTestConsole({ findBatchMachine: async () => BATCH_ARN });
  console.sfn.on(DescribeStateMachineCommand).resolves({ definition: DEFINITION });
  console.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  console.sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => ({ ...execution, executionArn }));
});
afterEach(() => console.stop());

describe('the page of batches', () => {
  test('the workflow is told with its batches: their graph and what to do about their errors', async () => {
    const { batches } = await console.read('api/workflow');
    expect(batches).toMatchObject({
      stateMachineArn: BATCH_ARN,
      graph: { startAt: 'PrepareBatch' },
      errors: { RowsFailed: { remedy: expect.any(String) } },
    });
  });

  test('where batches cannot be looked for, the page says which permission is missing', async () => {
    const denied = refusal('states:ListStateMachines');
    const other = await startTestConsole({
      findBatchMachine: async () => {
        throw denied;
      },
    });
    other.sfn.on(DescribeStateMachineCommand).resolves({ definition: DEFINITION });
    const { batches } = await other.read('api/workflow');
    expect(batches.trouble.remedy).toContain('states:ListStateMachines');
    await other.stop();
  });

  test('a workflow without batches has none, and answers so', async () => {
    const none = await startTestConsole();
    none.sfn.on(DescribeStateMachineCommand).resolves({ definition: DEFINITION });
    expect(await none.read('api/workflow')).not.toHaveProperty('batches');
    expect(await none.read('api/batches/it/request')).toEqual({
      trouble: { message: 'This workflow has no batches.' },
    });
    await none.stop();
  });

  test('a batch is stopped with its renders, or no more of its rows are started', async () => {
    await console.change('api/batches/it/stop', {});
    const executionArn = batchArnOf('it');
    expect(console.sfn.commandCalls(StopExecutionCommand, { executionArn })).toHaveLength(1);
    await console.change('api/batches/it/finish', {});
    const [put] = console.s3.commandCalls(PutObjectCommand);
    expect(put?.args[0].input).toMatchObject({
      Bucket: 'remotion-bucket',
      Key: 'render-workflows/w/batches/spring/stop.json',
      Body: expect.stringContaining('"reason":"BatchStopped"'),
    });
  });

  test('what is missing is rendered by a redrive, and by a new start where that is not possible', async () => {
    console.sfn
      .on(DescribeExecutionCommand)
      .callsFake(({ executionArn }) => ({ ...execution, executionArn, redriveStatus: 'REDRIVABLE' }));
    expect(await console.change('api/batches/it/retry', {})).toEqual({ name: 'it' });
    expect(console.sfn.commandCalls(RedriveExecutionCommand)).toHaveLength(1);

    console.sfn
      .on(DescribeExecutionCommand)
      .callsFake(({ executionArn }) => ({ ...execution, executionArn }));
    console.sfn.on(StartExecutionCommand).resolves({ executionArn: batchArnOf('spring-2') });
    expect(await console.change('api/batches/other/retry', {})).toEqual({ name: 'spring-2' });
    const [start] = console.sfn.commandCalls(StartExecutionCommand);
    expect(start?.args[0].input).toMatchObject({
      stateMachineArn: BATCH_ARN,
      input: '{"batchId":"spring"}',
    });
  });

  test('the results are at addresses that S3 has signed, and no other object is', async () => {
    console.s3.on(HeadObjectCommand).resolves({});
    console.s3.on(GetObjectCommand).rejects(new Error('not asked here'));
    const { ticket } = await console.read('api/workflow');
    const at = (file: string) => console.ask(`api/batches/it/files/${file}?ticket=${ticket}`);
    const { status, headers } = await at('results.csv');
    expect(status).toBe(302);
    const { pathname, searchParams } = new URL(String(headers.location));
    expect(pathname).toBe('/render-workflows/w/batches/spring/results.csv');
    expect(searchParams.get('response-content-disposition')).toContain('spring-results.csv');
    for (const other of ['stop.json', '..%2F..%2Fx', 'rows'])
      expect([other, (await at(other)).status]).toEqual([other, 404]);
  });
});

describe('counts of rows', () => {
  const told = (...outputs: (readonly [state: string, output: object | undefined])[]) => {
    const story = new ExecutionStory();
    for (const [index, [name, output]] of outputs.entries()) {
      const id = index * 2 + 1;
      const entered = { id, type: 'TaskStateEntered', stateEnteredEventDetails: { name } };
      const details = { name, output: JSON.stringify(output) };
      const exited = {
        id: id + 1,
        previousEventId: id,
        type: 'TaskStateExited',
        stateExitedEventDetails: details,
      };
      story.tell([entered, ...(output ? [exited] : [])] as HistoryEvent[]);
    }
    return story;
  };
  const prepared = ['PrepareBatch', { rows: 10, rowsToRender: 8 }] as const;
  const look = {
    rows: 10,
    rowsToRender: 8,
    succeeded: 3,
    failed: 1,
    unfinished: 6,
    costInUsd: 0.5,
    running: 2,
    at: 'now',
  };

  test('while the table is read there are none', () => {
    expect(batchCounts(told(['PrepareBatch', undefined]), undefined)).toBeUndefined();
  });

  test('before the first look they are what the table has said', () => {
    expect(batchCounts(told(prepared), undefined)).toEqual({
      rows: 10,
      succeeded: 2,
      failed: 0,
      rowsToRender: 8,
      unfinished: 8,
      running: 0,
    });
  });

  test('the last look counts, but for one that was before a redrive', () => {
    const first = ['FollowBatch', { ...look, succeeded: 1 }] as const;
    const second = ['FollowBatch', look] as const;
    expect(batchCounts(told(prepared, first, second), undefined)).toEqual(look);
    expect(batchCounts(told(prepared, second, prepared), undefined)).toMatchObject({ succeeded: 2 });
  });

  test('at the end it is the output that counts', () => {
    const output = { ...look, succeeded: 9, failed: 1, unfinished: 0 };
    expect(batchCounts(told(prepared, ['FollowBatch', look]), output)).toMatchObject({
      succeeded: 9,
      running: 0,
    });
  });
});

test('a row that has failed is told with its render, its error and its message', () => {
  const row = { batchId: 'spring', row: 2, request: { jobId: 'spring-2' } };
  const cause = JSON.stringify({ errorType: 'RenderFailed', errorMessage: 'Row 2 (spring-2): It broke.' });
  const events = [
    { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'RenderFailed', cause } },
    {
      type: 'TaskSubmitted',
      taskSubmittedEventDetails: { output: '{"ExecutionArn":"arn:aws:states:x:1:execution:w:spring-2-17"}' },
    },
    { type: 'ExecutionStarted', executionStartedEventDetails: { input: JSON.stringify(row) } },
  ] as HistoryEvent[];
  expect(failedRow(events)).toEqual({
    row: 2,
    jobId: 'spring-2',
    error: 'RenderFailed',
    message: 'Row 2 (spring-2): It broke.',
    render: 'spring-2-17',
  });
});

test('the list reads no history that is read for somebody who watches the execution', async () => {
  const client = new SFNClient({ region: 'eu-west-1' });
  const sfn = mockClient(client);
  sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  const { learnRender } = await import('../../../cli/console/listed-render.ts');
  const listed = { name: 'it', status: 'RUNNING', startedAt: 0, composition: 'A' };
  await learnRender(client, batchArnOf('it'), listed, undefined);
  expect(sfn.commandCalls(GetExecutionHistoryCommand)).toHaveLength(1);
  await learnRender(client, batchArnOf('it'), listed, new ExecutionFeed(client, batchArnOf('it')));
  expect(sfn.commandCalls(GetExecutionHistoryCommand)).toHaveLength(1);
});

test('the rows that have failed are those of the last Map Run, and each is read once', async () => {
  const { FailedRows } = await import('../../../cli/console/failed-rows.ts');
  const client = new SFNClient({ region: 'eu-west-1' });
  const sfn = mockClient(client);
  sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  sfn.on(ListMapRunsCommand).resolves({
    mapRuns: [
      { mapRunArn: 'old', startDate: new Date(1), executionArn: 'e', stateMachineArn: 's' },
      { mapRunArn: 'new', startDate: new Date(2), executionArn: 'e', stateMachineArn: 's' },
    ],
  });
  const failed = { executionArn: 'row', name: 'row', stateMachineArn: 's', status: 'FAILED' } as const;
  sfn
    .on(ListExecutionsCommand, { mapRunArn: 'new', statusFilter: 'FAILED' })
    .resolves({ executions: [{ ...failed, startDate: new Date(3), stopDate: new Date(4) }] });
  const rows = new FailedRows(client, batchArnOf('it'), new ExecutionFeed(client, batchArnOf('it')));
  const listen = () =>
    new Promise<() => void>((heard) => {
      const stop = rows.listen(() => heard(stop));
    });
  (await listen())();
  expect(rows.rows).toHaveLength(1);
  const stop = rows.listen(() => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  stop();
  expect(sfn.commandCalls(ListMapRunsCommand)).toHaveLength(2);
  expect(sfn.commandCalls(GetExecutionHistoryCommand, { executionArn: 'row' })).toHaveLength(1);
});
