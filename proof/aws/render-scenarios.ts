import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { signedFetch } from '../permissions/signed-fetch.ts';
import { delivered, failedWith } from './delivered.ts';
import type { Scenario } from './scenario.ts';
import { SMALL } from './verification.ts';

/** That renders are delivered, by every way in, and say why they fail. */
export const RENDER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a render is delivered, and both events come',
    async run(on, jobId) {
      const { bucket, key, sizeInBytes, costInUsd } = delivered(await on.render({ jobId, render: SMALL }));
      const head = await on.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      if (head.ContentLength !== sizeInBytes)
        throw new Error(`${key} has ${head.ContentLength} bytes, and the output says ${sizeInBytes}`);
      if (head.ContentType !== 'video/mp4') throw new Error(`${key} is ${head.ContentType}`);
      await on.told('Render Started', jobId);
      await on.told('Render Succeeded', jobId);
      return `${sizeInBytes} bytes, $${costInUsd}`;
    },
  },
  {
    name: 'a request that comes twice is rendered once',
    async run(on, jobId) {
      const ends = await Promise.all([1, 2].map(() => on.render({ jobId, render: SMALL })));
      const [one, two] = ends.map(delivered);
      if (one?.s3Uri !== two?.s3Uri) throw new Error(`rendered as ${one?.renderId} and as ${two?.renderId}`);
      return 'one render, delivered to both';
    },
  },
  {
    name: 'an event starts a render',
    async run(on, jobId) {
      const Detail = JSON.stringify({ jobId, render: SMALL });
      const EventBusName = on.output('EventBusName');
      const entry = { EventBusName, Source: 'verification', DetailType: 'Render Requested', Detail };
      const { Entries = [] } = await on.events.send(new PutEventsCommand({ Entries: [entry] }));
      const executionArn = await on.executionWith(jobId);
      const name = executionArn.split(':').at(-1);
      if (name !== Entries[0]?.EventId)
        throw new Error(`the execution is called ${name}, and not as its event`);
      delivered(await on.end(executionArn));
      return 'delivered, its execution is called as the event';
    },
  },
  {
    name: 'a message of the queue starts a render',
    async run(on, jobId) {
      const MessageBody = JSON.stringify({ jobId, render: SMALL });
      await on.sqs.send(new SendMessageCommand({ QueueUrl: on.output('RenderQueueUrl'), MessageBody }));
      delivered(await on.end(await on.executionWith(jobId)));
      return 'delivered';
    },
  },
  {
    name: 'a request over HTTP starts a render, and one without a signature does not',
    async run(on, jobId) {
      const url = on.output('RenderApiUrl');
      const body = JSON.stringify({ jobId, context: { note: `it's "quoted", é` }, render: SMALL });
      const unsigned = await fetch(url, { method: 'POST', body });
      if (unsigned.status !== 403) throw new Error(`without a signature it answers ${unsigned.status}`);
      const signer = { ...(await on.sfn.config.credentials()), region: await on.sfn.config.region() };
      const answer = await signedFetch(url, signer, body);
      const { executionArn } = (await answer.json()) as { executionArn?: string };
      if (!executionArn) throw new Error(`it answers ${answer.status}`);
      delivered(await on.end(executionArn));
      const state = await signedFetch(`${url}/${executionArn.split(':').at(-1)}`, signer);
      const { status } = (await state.json()) as { status?: string };
      if (status !== 'SUCCEEDED') throw new Error(`it says that the execution is ${status}`);
      return 'delivered';
    },
  },
  {
    name: 'a wrong request fails by the name of its field',
    async run(on, jobId) {
      const end = await on.render({ jobId, render: { ...SMALL, codec: 'h266' } });
      const message = failedWith(end, 'InvalidRenderRequest');
      if (!message.includes('render.codec')) throw new Error(`it says: ${message}`);
      await on.told('Render Failed', jobId);
      return 'InvalidRenderRequest, and the event';
    },
  },
  {
    name: 'a render that fails says in which frame',
    async run(on, jobId) {
      const inputProps = { durationInSeconds: 1, failAtFrame: 10 };
      const end = await on.render({ jobId, render: { ...SMALL, inputProps, maxRetries: 0 } });
      const message = failedWith(end, 'RenderFailed');
      if (!message.includes('frame 10')) throw new Error(`it says: ${message}`);
      return 'RenderFailed, "frame 10"';
    },
  },
  {
    name: 'a render that costs more than it may is cancelled',
    async run(on, jobId) {
      const render = { ...SMALL, inputProps: { durationInSeconds: 10, delayPerFrameInMilliseconds: 200 } };
      const end = await on.render({ jobId, render, maxCostInUsd: 0.000001 });
      failedWith(end, 'RenderOverBudget');
      return 'RenderOverBudget';
    },
  },
];
