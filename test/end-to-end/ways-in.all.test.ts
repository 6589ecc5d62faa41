import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { RenderResult } from '../../statemachine/contract.ts';
import { smallRender, testMachine } from './test-machine.ts';

const on = testMachine();
const { endedWith } = on;

const output = (name: string) => on.machine.stack.outputs[name] ?? '';
const render = { ...smallRender, inputProps: { durationInSeconds: 0.5 }, framesPerLambda: 15 };
const send = (MessageBody: string) =>
  on.sqs.send(new SendMessageCommand({ QueueUrl: output('RenderQueueUrl'), MessageBody }));

test('a message of the queue is rendered once although it is there twice, under the jobId of the request', async () => {
  const body = JSON.stringify({ jobId: 'by-message', render });
  await Promise.all([send(body), send(body)]);
  const ended = await endedWith('by-message', 2);
  expect(ended.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  const results = ended.map((each) => JSON.parse(each.output ?? '') as RenderResult);
  expect(results[0]).toMatchObject({ jobId: 'by-message', framesRendered: 15 });
  expect(results[1]?.s3Uri).toBe(results[0]?.s3Uri);
  const { Attributes } = await on.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: output('RenderQueueUrl'), AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
  });
});
