import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../local/stepfunctions/json.ts';
import { TaskError } from '../../local/stepfunctions/task-error.ts';
import { RENDER_EVENT_SCHEMAS, type RenderEventType } from '../../statemachine/render-event-schema.ts';
import { runToEnd, virtualStepFunctions } from '../local/stepfunctions/run-machine.ts';

const definition = readFileSync(
  join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'),
  'utf8',
).replaceAll(/\$\{(\w+)FunctionArn\}/g, '$1');

const render = {
  jobId: 'order-1',
  renderId: 'r1',
  logsUrl: 'https://logs.example/r1',
  startedAt: 1_767_268_800_000,
};
const result = {
  jobId: 'order-1',
  renderId: 'r1',
  bucket: 'videos',
  key: 'order-1.mp4',
  s3Uri: 's3://videos/order-1.mp4',
  sizeInBytes: 1,
  etag: 'e',
  costInUsd: 0.002,
  renderTimeInMs: 5_000,
  framesRendered: 120,
  lambdasInvoked: 2,
};
const report = (cause: object) => ({
  error: 'RenderFailed',
  cause: JSON.stringify({
    jobId: 'order-1',
    renderId: 'r1',
    message: 'Remotion gave up.',
    remedy: 'Try again.',
    logsUrl: render.logsUrl,
    costInUsd: 0.001,
    retryable: true,
    ...cause,
  }),
});

/** What each function answers; an Error fails it. */
const ANSWERS: Record<string, Json | TaskError> = {
  StartRender: render,
  GetRenderProgress: { finished: true, costInUsd: 0.001 },
  CopyToBucket: result,
  CancelRender: report({}),
};

/** Runs the definition; what it publishes must fit the schemas. */
async function run(
  answers: typeof ANSWERS = {},
  input: JsonObject = { jobId: 'order-1' },
  canPublish = true,
) {
  const published: { type: RenderEventType; detail: JsonObject; sizeInBytes: number }[] = [];
  const { stepFunctions } = virtualStepFunctions(undefined, {
    services: {
      async invokeLambda({ caller }) {
        const answer = { ...ANSWERS, ...answers }[caller.stateName];
        if (answer instanceof TaskError) throw answer;
        return { payload: answer as Json, statusCode: 200, requestId: 'r' };
      },
      async putEvents({ entries: [entry = {}] }) {
        if (!canPublish) throw new TaskError('EventBridge.AmazonEventBridgeException', 'denied');
        const Detail = String(entry.Detail);
        const type = entry.DetailType as RenderEventType;
        published.push({ type, detail: JSON.parse(Detail), sizeInBytes: Buffer.byteLength(Detail) });
        return { body: { FailedEntryCount: 0 }, statusCode: 200, requestId: 'r' };
      },
    },
  });
  const execution = await runToEnd(stepFunctions, definition, input);
  for (const { type, detail } of published) expect(RENDER_EVENT_SCHEMAS[type].parse(detail)).toEqual(detail);
  return { execution, published };
}

const failed = (cause: string) => new TaskError('RenderFailed', JSON.stringify({ errorMessage: cause }));

describe('the state machine publishes', () => {
  test('the start, and then where the video is', async () => {
    const { execution, published } = await run();
    expect(published).toMatchObject([
      { type: 'Render Started', detail: { jobId: 'order-1', renderId: 'r1', joined: false } },
      { type: 'Render Succeeded', detail: { output: { s3Uri: result.s3Uri }, costInUsd: 0.002 } },
    ]);
    expect(published[0]?.detail).toMatchObject({
      executionArn: execution.arn,
      startedAt: '2026-01-01T12:00:00.000Z',
    });
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('that a render was joined', async () => {
    const { published } = await run({ StartRender: { ...render, joined: true } });
    expect(published.map(({ detail }) => detail.joined)).toEqual([true, true]);
  });

  test("the request's context in every event, or null", async () => {
    const context = { tenant: 'acme', note: 'a "quoted" {% text %}' };
    const { published } = await run({ StartRender: { ...render, context } });
    expect(published.map(({ detail }) => detail.context)).toEqual([context, context]);
    const unhappy = await run({
      StartRender: { ...render, context },
      CopyToBucket: failed('gone'),
      CancelRender: report({ context }),
    });
    expect(unhappy.published.map(({ detail }) => detail.context)).toEqual([context, context]);
    const worse = await run({
      StartRender: { ...render, context },
      CopyToBucket: failed('gone'),
      CancelRender: new TaskError('Lambda.Unknown', 'away'),
    });
    expect(worse.published.map(({ detail }) => detail.context)).toEqual([context, context]);
    const without = await run();
    expect(without.published.map(({ detail }) => detail.context)).toEqual([null, null]);
  });

  test('why a render failed, and what it had cost', async () => {
    const { published } = await run({ CopyToBucket: failed('gone') });
    expect(published.at(-1)).toMatchObject({
      type: 'Render Failed',
      detail: {
        renderId: 'r1',
        error: { name: 'RenderFailed', message: 'Remotion gave up.', remedy: 'Try again.', retryable: true },
        costInUsd: 0.001,
        startedAt: '2026-01-01T12:00:00.000Z',
      },
    });
  });

  test('the failure of a render that could not be cancelled either, in a message of a bounded length', async () => {
    const { published } = await run({
      GetRenderProgress: failed('\u{1F3AC}'.repeat(20_000)),
      CancelRender: new TaskError('Lambda.Unknown', 'away'),
    });
    const last = published.at(-1);
    expect(last?.detail.error).toMatchObject({
      message: expect.stringMatching(
        /^GetRenderProgress failed with RenderFailed: .* may still be running\.$/,
      ),
    });
    expect(last?.sizeInBytes).toBeLessThan(64 * 1024);
  });

  test.each([
    ['an object', { a: 1 }],
    ['as long as a request', 'x'.repeat(200_000)],
  ])('the failure of a request whose jobId is %s, which nothing has read', async (_what, jobId) => {
    const refused = new TaskError('InvalidRenderRequest', '{}');
    const away = new TaskError('Lambda.Unknown', 'away');
    const { execution, published } = await run({ StartRender: refused, CancelRender: away }, { jobId });
    expect(published).toMatchObject([
      {
        type: 'Render Failed',
        detail: { jobId: null, renderId: null, startedAt: null, costInUsd: null },
      },
    ]);
    expect(execution.error).toBe('InvalidRenderRequest');
  });
});

describe('a state machine that cannot publish', () => {
  test('ends a delivered render with the same output', async () => {
    const { execution } = await run({}, undefined, false);
    expect(execution.status).toBe('SUCCEEDED');
    expect(JSON.parse(execution.outputText ?? '')).toEqual(result);
  });

  test('ends a failed render with the same error and cause', async () => {
    const { error, cause } = report({});
    const { execution } = await run({ GetRenderProgress: failed('gone') }, undefined, false);
    expect(execution).toMatchObject({ status: 'FAILED', error, cause });
  });
});
