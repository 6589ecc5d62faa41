import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../local/stepfunctions/json.ts';
import { TaskError } from '../../local/stepfunctions/task-error.ts';
import type { LambdaInvocation } from '../../local/stepfunctions/task-services.ts';
import { BATCH_EVENT_SCHEMAS, type BatchEventType } from '../../statemachine/batch-event-schema.ts';
import { withTables } from '../local/stepfunctions/distributed-machine.ts';
import { runToEnd } from '../local/stepfunctions/run-machine.ts';

const definition = readFileSync(join(import.meta.dirname, '../../statemachine/render-batch.asl.json'), 'utf8')
  .replaceAll(/\$\{(\w+)FunctionArn\}/g, '$1')
  .replaceAll('${RemotionBucketName}', 'tables')
  .replaceAll('${WorkflowPrefix}', 'render-workflows/Machine/');

const prepared = {
  batchId: 'day-1',
  dryRun: false,
  rows: 3,
  rowsToRender: 2,
  problems: 0,
  firstProblems: [],
  problemsUri: null,
  expectedCostInUsd: null,
  requestsKey: 'requests.jsonl',
  maxConcurrentRenders: 2,
  stopsAboveFailurePercentage: 100,
  toleratedFailurePercentage: 0,
  maxCostInUsd: null,
  stopping: 'finish-running',
  preparedAt: '2026-01-01T12:00:00.000Z',
};
const progress = {
  ...{ batchId: 'day-1', rows: 3, rowsToRender: 2, succeeded: 1, failed: 0, unfinished: 2, running: 2 },
  ...{ costInUsd: 0.01, isOver: false, cancel: false, publish: true, secondsUntilNextLook: 5 },
  at: '2026-01-01T12:01:00.000Z',
};

/** Runs the definition with rows that are left out; what it publishes must fit the schemas. */
async function run({
  batch = {},
  looks = [{}],
  canPublish = true,
}: {
  batch?: JsonObject;
  /** What FollowBatch answers, beside how far it is; after the last one the batch is over. */
  looks?: JsonObject[];
  canPublish?: boolean;
} = {}) {
  const published: { type: BatchEventType; detail: JsonObject }[] = [];
  const followed: JsonObject[] = [];
  const answers: Record<string, () => Json> = {
    PrepareBatch: () => ({ ...prepared, ...batch }),
    AdmitRow: () => ({ admitted: false, reason: 'BatchStopped' }),
    FollowBatch: () => ({ ...progress, ...(looks[followed.length - 1] ?? { isOver: true, publish: false }) }),
    SummarizeBatch: () => ({ outcome: 'SUCCEEDED' }),
  };
  const rows = [1, 2].map((row) => JSON.stringify({ batchId: 'day-1', row }));
  const work = async ({ caller: { stateName }, payload }: LambdaInvocation) => {
    if (stateName === 'FollowBatch') followed.push(payload as JsonObject);
    return answers[stateName]?.() ?? null;
  };
  const { stepFunctions } = withTables({ 'requests.jsonl': rows.join('\n') }, work, {
    async putEvents({ entries: [entry = {}] }) {
      if (!canPublish) throw new TaskError('EventBridge.AmazonEventBridgeException', 'denied');
      const detail = JSON.parse(String(entry.Detail));
      published.push({ type: entry.DetailType as BatchEventType, detail });
      return { body: { FailedEntryCount: 0 }, statusCode: 200, requestId: 'r' };
    },
  });
  const execution = await runToEnd(stepFunctions, definition, {});
  for (const { type, detail } of published) expect(BATCH_EVENT_SCHEMAS[type].parse(detail)).toEqual(detail);
  return { execution, published, followed };
}

describe('the state machine of batches publishes', () => {
  test('that a batch has started, and how far it is', async () => {
    const { execution, published } = await run();
    expect(published).toEqual([
      {
        type: 'Batch Started',
        detail: {
          version: 1,
          batchId: 'day-1',
          executionArn: execution.arn,
          rows: 3,
          rowsToRender: 2,
          startedAt: '2026-01-01T00:00:00.000Z',
        },
      },
      {
        type: 'Batch Progressed',
        detail: {
          version: 1,
          batchId: 'day-1',
          executionArn: execution.arn,
          rows: 3,
          succeeded: 1,
          failed: 0,
          unfinished: 2,
          running: 2,
          costInUsd: 0.01,
          at: progress.at,
        },
      },
    ]);
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('how far it is only when FollowBatch says so, which knows when it was last published', async () => {
    const later = { at: '2026-01-01T12:02:00.000Z' };
    const { published, followed } = await run({ looks: [{}, { publish: false }, later] });
    expect(published.map(({ type }) => type)).toEqual([
      'Batch Started',
      'Batch Progressed',
      'Batch Progressed',
    ]);
    expect(followed.map(({ publishedAt }) => publishedAt)).toEqual([
      null,
      progress.at,
      progress.at,
      later.at,
    ]);
  });

  test.each([
    ['a dry run', { dryRun: true }],
    ['a batch whose rows all have their videos', { rowsToRender: 0 }],
  ])('nothing of %s', async (_, batch) => {
    const { execution, published } = await run({ batch });
    expect({ published, status: execution.status }).toEqual({ published: [], status: 'SUCCEEDED' });
  });
});

test('a state machine that cannot publish renders the batch all the same', async () => {
  const { execution, followed } = await run({ canPublish: false });
  expect(execution).toMatchObject({ status: 'SUCCEEDED', outputText: '{"outcome":"SUCCEEDED"}' });
  // A minute is over before it tries again.
  expect(followed.map(({ publishedAt }) => publishedAt)).toEqual([null, progress.at]);
});
