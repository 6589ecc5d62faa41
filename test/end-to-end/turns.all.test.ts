import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { jest } from '@jest/globals';
import { startByRequest } from '../../cli/start-execution.ts';
import type { Register } from '../../functions/turns/register.ts';
import { smallRender, testMachine } from './test-machine.ts';

jest.setTimeout(600_000);

const MESSAGES = 30;
const LIMIT = 2;

const on = testMachine({ context: { maxConcurrentRenders: String(LIMIT) } });

async function turnsObjects(): Promise<{ places: Register['places']; tickets: string[] }> {
  const Bucket = on.machine.remotionBucketName;
  const { Contents = [] } = await on.s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'render-workflows/' }),
  );
  const keys = Contents.map(({ Key = '' }) => Key);
  const Key = keys.find((key) => key.endsWith('/turns/register.json'));
  const object = Key && (await on.s3.send(new GetObjectCommand({ Bucket, Key })));
  const register = object ? JSON.parse((await object.Body?.transformToString()) ?? '') : { places: [] };
  return { places: register.places, tickets: keys.filter((key) => key.includes('/turns/waiting/')) };
}

test('thirty messages at once are all delivered by two renders at once, in the order in which they came', async () => {
  const QueueUrl = on.machine.stack.outputs.RenderQueueUrl;
  for (let i = 0; i < MESSAGES; i += 1) {
    const MessageBody = JSON.stringify({ jobId: `rush-${String(i).padStart(2, '0')}`, render: smallRender });
    await on.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, (await turnsObjects()).places.length);
      await sleep(50);
    }
  })();
  const ended = await on.endedWith('"jobId":"rush-', MESSAGES);
  isOver = true;
  await watching;
  expect(ended.map(({ status }) => status)).toEqual(Array(MESSAGES).fill('SUCCEEDED'));
  expect(most).toBe(LIMIT);
  expect(await turnsObjects()).toEqual({ places: [], tickets: [] });

  // When each came to wait, and when it was called.
  const courses = ended.map(({ executionArn = '' }) => {
    const { events } = on.machine.stepFunctions.execution(executionArn);
    const at = (type: string, name: string) =>
      events.find((event) => event.type === type && JSON.stringify(event).includes(`"name":"${name}"`))
        ?.timestamp ?? 0;
    return {
      came: at('TaskStateEntered', 'AwaitTurn'),
      called: at('TaskStateExited', 'AwaitTurn'),
    };
  });
  const byTurn = courses.toSorted((a, b) => a.called - b.called);
  // Who came while the function of another was still starting may be called before it.
  for (const [i, { came, called }] of byTurn.entries())
    for (const later of byTurn.slice(i + 1))
      if (later.called > called) expect(came).toBeLessThanOrEqual(later.came + 5);
});

test('an execution that is stopped frees its place, while it waits, starts and renders', async () => {
  const inputProps = { durationInSeconds: 20, delayPerFrameInMilliseconds: 200 };
  const slow = { ...smallRender, inputProps };
  const start = (jobId: string) => startByRequest(on.sfn, on.stateMachineArn, { jobId, render: slow });
  const holds = async (jobId: string) => (await turnsObjects()).places.some((place) => place.jobId === jobId);
  const eventually = async (isTrue: () => Promise<boolean>) => {
    while (!(await isTrue())) await sleep(50);
  };
  const [first, second] = [await start('stop-1'), await start('stop-2')];
  await eventually(async () => (await holds('stop-1')) && (await holds('stop-2')));
  const waiting = await start('stop-3');
  await eventually(async () => (await turnsObjects()).tickets.length === 1);
  await on.sfn.send(new StopExecutionCommand({ executionArn: waiting }));
  await eventually(async () => (await turnsObjects()).tickets.length === 0);
  const last = await start('stop-4');
  await eventually(async () => (await turnsObjects()).tickets.length === 1);
  await on.sfn.send(new StopExecutionCommand({ executionArn: first }));
  await eventually(() => holds('stop-4'));
  // The start of this one is under way, or has just been.
  await on.sfn.send(new StopExecutionCommand({ executionArn: last }));
  await eventually(async () => !(await holds('stop-4')));
  await on.sfn.send(new StopExecutionCommand({ executionArn: second }));
  await eventually(async () => (await turnsObjects()).places.length === 0);
});
