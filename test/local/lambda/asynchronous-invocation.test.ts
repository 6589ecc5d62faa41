import { VirtualClock } from '../../../local/clock.ts';
import { testHost } from './test-host.ts';
import { until } from './until.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:discarded';
const code = `export const handler = async (event) => { console.log('order', event.order); throw new Error('no') }`;

// Time passes only for events that wait for another try.
const clock = new VirtualClock();
const sent: { functionName: string; queueArn: string; record: object }[] = [];
const functions = testHost(
  {
    once: { code, maximumRetryAttempts: 0 },
    often: { code, onFailureQueueArn: QUEUE },
    slow: { code: 'export const handler = () => new Promise(() => {})', timeoutInSeconds: 1 },
    limited: {
      code: `export const handler = (ms) => new Promise((done) => setTimeout(done, ms)).then(() => console.log(ms))`,
      concurrencyLimit: 1,
    },
  },
  {
    clock,
    sendToQueue: async (functionName, queueArn, body) => {
      sent.push({ functionName, queueArn, record: JSON.parse(body) });
    },
  },
);
afterAll(() => functions.stop());

const linesOf = (name: string) => functions.lines.filter((line) => line.startsWith(`${name}: `));

test('an event that fails is tried again twice, then its record goes to the destination', async () => {
  const requestId = functions.host.invokeEvent({ functionName: 'often', payload: '{"order":7}' });
  await functions.host.idle();
  await until(() => linesOf('often').filter((line) => line === 'often: order 7').length === 3);
  expect(linesOf('often').filter((line) => line === 'often: order 7')).toHaveLength(3);
  expect(sent).toMatchObject([
    {
      functionName: 'often',
      queueArn: QUEUE,
      record: {
        requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        requestPayload: { order: 7 },
        responsePayload: { errorType: 'Error', errorMessage: 'no' },
      },
    },
  ]);
});

test('an event of a function without retries runs once', async () => {
  functions.host.invokeEvent({ functionName: 'once', payload: '{"order":7}' });
  await functions.host.idle();
  await until(() => linesOf('once').includes('once: order 7'));
  expect(linesOf('once').filter((line) => line === 'once: order 7')).toHaveLength(1);
});

test('a timeout is a failure that is tried again', async () => {
  const before = clock.now();
  functions.host.invokeEvent({ functionName: 'slow', payload: '{}' });
  await functions.host.idle();
  expect(linesOf('slow').filter((line) => line.includes('timed out'))).toHaveLength(3);
  expect(clock.now() - before).toBe(180_000);
});

test('an event beyond the concurrency limit is tried again until it is its turn', async () => {
  const running = clock.holdDuring(() => functions.call('limited', 150));
  functions.host.invokeEvent({ functionName: 'limited', payload: '1' });
  await running;
  await functions.host.idle();
  await until(() => linesOf('limited').length === 2);
  expect(linesOf('limited')).toEqual(['limited: 150', 'limited: 1']);
});

test('a host that stops drops the events that wait for another try', async () => {
  const { host, lines, stop } = testHost({ fail: { code } });
  host.invokeEvent({ functionName: 'fail', payload: '{}' });
  await until(() => host.processes.some(({ requestId }) => !requestId));
  await stop();
  await host.idle();
  expect(lines.filter((line) => line.startsWith('fail: Event'))).toEqual([]);
  expect(() => host.invokeEvent({ functionName: 'fail', payload: '{}' })).toThrow('stopped');
});
