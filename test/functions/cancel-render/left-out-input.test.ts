import { jest } from '@jest/globals';
import type { DescribedExecution } from '../../../functions/cancel-render/describe-execution.ts';
import { loadJob } from '../job.ts';
import { execution, render } from '../steps.ts';

const describeExecution = jest.fn<(arn: string) => Promise<DescribedExecution>>();
const keepMessage = jest.fn<(url: string, event: object) => Promise<void>>();
jest.unstable_mockModule('../../../functions/cancel-render/describe-execution.ts', () => ({
  describeExecution,
}));
jest.unstable_mockModule('../../../functions/cancel-render/keep-message.ts', () => ({ keepMessage }));

const { start, cancelRender, cancelRenderOnLambda } = await loadJob();
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:Requests';
const request = { jobId: 'order-4711', render };

const ended = (status: 'ABORTED' | 'FAILED', input?: null) =>
  cancelRender({
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn: execution('a'),
      name: 'a',
      status,
      startDate: 0,
      stopDate: 1,
      ...(input === null && { input }),
    },
  });

beforeEach(() => {
  keepMessage.mockResolvedValue();
  Object.assign(process.env, { RENDER_QUEUE_ARN: QUEUE, RENDER_QUEUE_DEAD_LETTERS_URL: 'https://sqs/dead' });
});

test.each([[null], [undefined]])(
  'a stopped execution whose event has no input (%s) has its render cancelled, as Step Functions is asked',
  async (input) => {
    describeExecution.mockResolvedValue({ input: JSON.stringify(request) });
    await start('a');
    await ended('ABORTED', input as null);
    expect(describeExecution).toHaveBeenCalledWith(execution('a'));
    expect(cancelRenderOnLambda).toHaveBeenCalledTimes(1);
    expect(keepMessage).not.toHaveBeenCalled();
  },
);

test('a message of the queue that failed is kept with input, error and cause where its event came without', async () => {
  const input = JSON.stringify([{ 'detail-type': 'Render Requested', resources: [QUEUE], detail: request }]);
  describeExecution.mockResolvedValue({ input, error: 'RenderFailed', cause: 'Why' });
  await ended('FAILED');
  const detail = expect.objectContaining({ input, error: 'RenderFailed', cause: 'Why' });
  expect(keepMessage).toHaveBeenCalledWith('https://sqs/dead', expect.objectContaining({ detail }));
});

test('the failure path asks for an input that the machine has left out', async () => {
  describeExecution.mockResolvedValue({ input: JSON.stringify(request) });
  await start('a');
  const failure = { step: 'GetRenderProgress' as const, error: 'RenderTimedOut', cause: '' };
  await cancelRender({
    executionArn: execution('a'),
    render: null,
    failure,
    input: null,
    inputLeftOut: true,
  });
  expect(cancelRenderOnLambda).toHaveBeenCalledTimes(1);
});
