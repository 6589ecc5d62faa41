import { cancelledEvent } from '../../../functions/cancel-render/cancelled-event.ts';
import { RENDER_EVENT_SCHEMAS } from '../../../statemachine/render-event-schema.ts';

const change = {
  executionArn: 'arn:aws:states:us-east-1:123456789012:execution:Machine:one',
  name: 'one',
  status: 'ABORTED',
  input: '{}',
  startDate: Date.parse('2026-01-01T12:00:00.000Z'),
  stopDate: Date.parse('2026-01-01T12:01:30.500Z'),
  error: 'Stopped',
  cause: 'No longer wanted',
} as const;
const render = {
  renderId: 'r1',
  startedAt: Date.parse('2026-01-01T12:00:01.000Z'),
  logsUrl: 'https://logs.example/r1',
  costInUsd: 0.002,
};

const schema = RENDER_EVENT_SCHEMAS['Render Cancelled'];

test('says which render was cancelled, why, and what it has cost', () => {
  const detail = cancelledEvent(change, 'order-1', 'Cancelled', render);
  expect(schema.parse(detail)).toEqual(detail);
  expect(detail).toEqual({
    version: 1,
    jobId: 'order-1',
    context: null,
    renderId: 'r1',
    executionArn: change.executionArn,
    status: 'ABORTED',
    outcome: 'Cancelled',
    error: {
      name: 'RenderCancelled',
      message: 'The execution was stopped: Stopped: No longer wanted. Its render was cancelled.',
      remedy: expect.stringContaining('Send the request again'),
      retryable: true,
    },
    costInUsd: 0.002,
    logsUrl: 'https://logs.example/r1',
    requestedAt: '2026-01-01T12:00:00.000Z',
    startedAt: '2026-01-01T12:00:01.000Z',
    finishedAt: '2026-01-01T12:01:30.500Z',
    totalTimeInMs: 90_500,
  });
});

test('is the same however often the change of the execution is delivered', () => {
  const once = cancelledEvent(change, 'order-1', 'Cancelled', render);
  expect(cancelledEvent({ ...change }, 'order-1', 'Cancelled', { ...render })).toEqual(once);
});

test('of an execution without a render, a job or a reason has null for what there is not', () => {
  const detail = cancelledEvent(
    { ...change, error: null, cause: null },
    undefined,
    'NothingStarted',
    undefined,
  );
  expect(schema.parse(detail)).toEqual(detail);
  expect(detail).toMatchObject({
    jobId: null,
    renderId: null,
    logsUrl: null,
    startedAt: null,
    costInUsd: null,
  });
  expect(detail.error.message).toBe('The execution was stopped. No render was started.');
});

test('tells of an execution that ran out of its time', () => {
  const detail = cancelledEvent({ ...change, status: 'TIMED_OUT' }, 'order-1', 'Finished', render);
  expect(detail).toMatchObject({ status: 'TIMED_OUT', outcome: 'Finished' });
  expect(detail.error.message).toMatch(/^The execution ran out of its time\. Its video was complete already/);
});

test('fits into an event, whatever was given as the reason to stop', () => {
  const detail = cancelledEvent(
    { ...change, cause: '\u{1F3AC}'.repeat(16_000) },
    'order-1',
    'Unknown',
    render,
  );
  expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(16_000);
});
