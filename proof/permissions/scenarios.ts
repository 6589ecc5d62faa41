import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { ADMINISTRATOR } from '../../local/launch.ts';
import type { RenderResult } from '../../statemachine/contract.ts';
import type { ObservedCall } from '../faults/fault-kind.ts';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import { BATCH_SCENARIOS } from './batch-scenarios.ts';
import type { ProofMachine } from './proof-machine.ts';
import {
  claimState,
  comesIntoQueue,
  describeEnd,
  endOf,
  eventually,
  executionWith,
  exists,
  isToldOf,
  leaveClaimAsFormer,
  notDelivered,
  requestOf,
  type Scenario,
  sendEvent,
  sendMessage,
  start,
  stop,
} from './scenario.ts';
import { signedFetch } from './signed-fetch.ts';

const isStart = ({ caller, name }: ObservedCall) => caller === 'StartRender' && name === 'Invoke Remotion';

const copiesPart = ({ name }: ObservedCall) => name.startsWith('UploadPartCopy');

/** A video that is copied in parts. */
const LARGE = { outputSizeInBytes: 65 * 1024 ** 2 };

/** What interrupted copies have left behind. */
async function openUploads(
  { administrator, stack }: ProofMachine,
  jobId: string,
): Promise<string | undefined> {
  const ofJob = { Bucket: stack.outputs.DestinationBucketName, Prefix: `videos/${jobId}/` };
  const { Uploads = [] } = await administrator.s3.send(new ListMultipartUploadsCommand(ofJob));
  return Uploads.length > 0 ? `${Uploads.length} uploads of the video were left behind` : undefined;
}

/** The request with props that are 160 KB of JSON, and twice as much when they are escaped once more. */
function large(request: ReturnType<typeof requestOf>) {
  const inputProps = { ...request.render.inputProps, text: '"'.repeat(80_000) };
  return { ...request, render: { ...request.render, inputProps } };
}

/** A render that takes long enough to be stopped. */
const SLOW = { seconds: 100 };

/** All that the workflow offers, and all that its grants are for. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a render that an execution asks for',
    run: async (machine, jobId) => notDelivered(await endOf(machine, await start(machine, requestOf(jobId)))),
  },
  {
    name: 'a render that an event asks for',
    async run(machine, jobId) {
      const executionArn = await sendEvent(machine, requestOf(jobId));
      if (!(await exists(machine, executionArn))) return 'the event started no execution';
      return notDelivered(await endOf(machine, executionArn));
    },
  },
  {
    name: 'a render that a message of the queue asks for',
    async run(machine, jobId) {
      await sendMessage(machine, requestOf(jobId));
      const executionArn = await executionWith(machine, jobId);
      if (executionArn === undefined) return 'the message started no execution';
      return notDelivered(await endOf(machine, executionArn)) ?? (await leftInQueue(machine));
    },
  },
  {
    name: 'a message whose execution fails is kept',
    async run(machine, jobId) {
      await sendMessage(machine, requestOf(jobId, { failAtPercent: 50 }));
      const kept = await comesIntoQueue(machine, /RenderQueueDeadLetters/, jobId);
      return kept ? undefined : 'the message is lost';
    },
  },
  {
    name: 'a message whose execution fails is kept, also where it is too large for the event',
    async run(machine, jobId) {
      await sendMessage(machine, large(requestOf(jobId, { failAtPercent: 50 })));
      const kept = await comesIntoQueue(machine, /RenderQueueDeadLetters/, jobId);
      return kept ? undefined : 'the message is lost';
    },
  },
  {
    name: 'an execution is stopped whose input is too large for the event',
    async run(machine, jobId) {
      const executionArn = await start(machine, large(requestOf(jobId, SLOW)));
      await eventually(() => rendering(machine.remotion.renders, jobId));
      await stop(machine, executionArn);
      const over = await eventually(() => !rendering(machine.remotion.renders, jobId));
      const render = machine.remotion.renders.find(({ job }) => job === jobId);
      if (!over || render?.status !== 'cancelled') return `the render ended ${render?.status}`;
    },
  },
  {
    name: 'a render over HTTP, whose state is asked for the same way',
    async run(machine, jobId) {
      const posted = await overHttp(machine, '', JSON.stringify(requestOf(jobId)));
      if (typeof posted.executionArn !== 'string') return `POST answered ${JSON.stringify(posted)}`;
      const failure = notDelivered(await endOf(machine, posted.executionArn));
      const state = await overHttp(machine, `/${posted.executionArn.split(':').at(-1)}`);
      if (state.status !== 'SUCCEEDED') return failure ?? `GET answered ${JSON.stringify(state)}`;
      return failure;
    },
  },
  {
    name: 'props by inputPropsUri',
    async run(machine, jobId) {
      const Key = `input-props/${jobId}.json`;
      const Body = JSON.stringify({ job: jobId });
      await machine.administrator.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body }));
      const props = { inputProps: undefined, inputPropsUri: `s3://${REMOTION_BUCKET}/${Key}` };
      return notDelivered(await endOf(machine, await start(machine, requestOf(jobId, {}, props))));
    },
  },
  {
    name: 'props that are too large for an invocation',
    async run(machine, jobId) {
      const props = { inputProps: { job: jobId, text: 'x'.repeat(210_000) } };
      return notDelivered(await endOf(machine, await start(machine, requestOf(jobId, {}, props))));
    },
  },
  {
    name: 'a job that is asked for twice is rendered once',
    async run(machine, jobId) {
      const both = await Promise.all([1, 2].map(() => start(machine, requestOf(jobId))));
      const ends = await Promise.all(both.map((executionArn) => endOf(machine, executionArn)));
      const renders = machine.remotion.renders.filter(({ job }) => job === jobId).length;
      if (renders !== 1) return `it was rendered ${renders} times`;
      return ends.map(notDelivered).find((failure) => failure !== undefined);
    },
  },
  {
    name: 'a job that version 0.1.0 has rendered is not rendered again',
    async run(machine, jobId) {
      const first = await endOf(machine, await start(machine, requestOf(jobId)));
      await leaveClaimAsFormer(machine, jobId);
      const second = await endOf(machine, await start(machine, requestOf(jobId)));
      const renders = machine.remotion.renders.filter(({ job }) => job === jobId).length;
      if (renders !== 1) return `it was rendered ${renders} times`;
      return notDelivered(first) ?? notDelivered(second);
    },
  },
  {
    name: 'an execution that version 0.1.0 has claimed the job for is stopped',
    async run(machine, jobId) {
      const executionArn = await start(machine, requestOf(jobId, SLOW));
      await eventually(() => rendering(machine.remotion.renders, jobId));
      await leaveClaimAsFormer(machine, jobId);
      await stop(machine, executionArn);
      const over = await eventually(() => !rendering(machine.remotion.renders, jobId));
      const render = machine.remotion.renders.find(({ job }) => job === jobId);
      if (!over || render?.status !== 'cancelled') return `the render ended ${render?.status}`;
    },
  },
  {
    name: 'a job whose failed render was not cancelled is rendered anew',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller }) => (caller === 'CancelRender' ? 'internal-error' : undefined),
        async () => {
          const request = requestOf(jobId, [{ failAtPercent: 50 }, {}]);
          const first = await endOf(machine, await start(machine, request));
          if (first.status !== 'FAILED') return describeEnd(first);
          return notDelivered(await endOf(machine, await start(machine, request)));
        },
      ),
  },
  {
    name: 'a job whose render is complete, but has lost its last progress, is joined',
    async run(machine, jobId) {
      const request = requestOf(jobId, { losesLastProgress: true });
      const first = await endOf(machine, await start(machine, request));
      return notDelivered(first) ?? notDelivered(await endOf(machine, await start(machine, request)));
    },
  },
  {
    name: 'a destination that is taken, and one that may be overwritten',
    async run(machine, jobId) {
      const key = `videos/${jobId}.mp4`;
      const deliver = async (job: string, overwrite: boolean) =>
        endOf(
          machine,
          await start(machine, { ...requestOf(job), destination: { key, ...(overwrite && { overwrite }) } }),
        );
      const first = notDelivered(await deliver(jobId, false));
      const second = await deliver(`${jobId}-second`, false);
      if (second.error !== 'DestinationExists') return describeEnd(second);
      if (machine.remotion.renders.some(({ job }) => job === `${jobId}-second`))
        return 'a render was paid for that may not be delivered';
      return first ?? notDelivered(await deliver(`${jobId}-third`, true));
    },
  },
  {
    name: 'what a composition emits is delivered beside its video',
    async run(machine, jobId) {
      const end = await endOf(machine, await start(machine, requestOf(jobId, { artifacts: 2 })));
      const { artifacts = [] } = (end.output ?? {}) as Partial<RenderResult>;
      return notDelivered(end) ?? (artifacts.length === 2 ? undefined : `${artifacts.length} were delivered`);
    },
  },
  {
    name: 'a large video whose copy is interrupted',
    run(machine, jobId) {
      let copied = 0;
      return machine.withFaults(
        (call) => (copiesPart(call) && ++copied === 3 ? 'killed-after' : undefined),
        async () => {
          const end = await endOf(machine, await start(machine, requestOf(jobId, LARGE)));
          return notDelivered(end) ?? openUploads(machine, jobId);
        },
      );
    },
  },
  {
    name: 'a large video that cannot be copied',
    run: (machine, jobId) =>
      machine.withFaults(
        (call) => (copiesPart(call) ? 'access-denied' : undefined),
        async () => {
          const end = await endOf(machine, await start(machine, requestOf(jobId, LARGE)));
          return end.error === 'VideoNotCopied' ? openUploads(machine, jobId) : describeEnd(end);
        },
      ),
  },
  {
    name: 'a start that is throttled at first',
    run(machine, jobId) {
      let starts = 0;
      return machine.withFaults(
        (call) => (isStart(call) && ++starts <= 2 ? 'throttled' : undefined),
        async () => notDelivered(await endOf(machine, await start(machine, requestOf(jobId)))),
      );
    },
  },
  {
    name: 'a start whose answer is lost',
    run: (machine, jobId) =>
      machine.withFaults(
        (call) => (isStart(call) ? 'reset-after' : undefined),
        async () => notDelivered(await endOf(machine, await start(machine, requestOf(jobId)))),
      ),
  },
  {
    name: 'a render that is complete, but whose last progress is lost, is delivered at once',
    async run(machine, jobId) {
      const end = await endOf(machine, await start(machine, requestOf(jobId, { losesLastProgress: true })));
      const seconds = Math.round(end.durationInMs / 1000);
      if (end.status === 'SUCCEEDED' && seconds > 60)
        return `the video was delivered only after ${seconds} s`;
      return notDelivered(end);
    },
  },
  {
    name: 'a render that Remotion takes for timed out, but whose output is there',
    run: async (machine, jobId) =>
      notDelivered(await endOf(machine, await start(machine, requestOf(jobId, { liesAboutTimeout: true })))),
  },
  {
    name: 'a render that fails',
    async run(machine, jobId) {
      const end = await endOf(machine, await start(machine, requestOf(jobId, { failAtPercent: 50 })));
      if (end.error !== 'RenderFailed') return describeEnd(end);
      if (end.cause?.includes('could not be cancelled'))
        return `${describeEnd(end)}, and may still be running`;
      const failed = await eventually(async () => (await claimState(machine, jobId)) === 'failed');
      return failed ? undefined : 'its claim says nothing of that, so that nobody can try again';
    },
  },
  {
    name: 'an execution that is stopped',
    async run(machine, jobId) {
      const executionArn = await start(machine, requestOf(jobId, SLOW));
      await eventually(() => rendering(machine.remotion.renders, jobId));
      await stop(machine, executionArn);
      const cancelled = await eventually(
        async () =>
          (await claimState(machine, jobId)) === 'failed' && !rendering(machine.remotion.renders, jobId),
      );
      const render = machine.remotion.renders.find(({ job }) => job === jobId);
      if (!cancelled || render?.status !== 'cancelled') return `the render ended ${render?.status}`;
    },
  },
  {
    name: 'an execution that is stopped while its start has no answer',
    run(machine, jobId) {
      let executionArn = '';
      const stopAndLose = (call: ObservedCall) => {
        if (!isStart(call)) return undefined;
        void stop(machine, executionArn);
        return 'reset-after' as const;
      };
      return machine.withFaults(stopAndLose, async () => {
        executionArn = await start(machine, requestOf(jobId, SLOW));
        const over = await eventually(
          () =>
            machine.remotion.renders.some(({ job }) => job === jobId) &&
            !rendering(machine.remotion.renders, jobId),
        );
        const render = machine.remotion.renders.find(({ job }) => job === jobId);
        return over && render?.status === 'cancelled' ? undefined : `the render ended ${render?.status}`;
      });
    },
  },
  {
    name: 'a consumer of events is told that a render has succeeded',
    async run(machine, jobId) {
      await endOf(machine, await start(machine, requestOf(jobId)));
      if (!(await isToldOf(machine, jobId, 'Render Succeeded'))) return 'nobody is told of the video';
    },
  },
  {
    name: 'a consumer of events is told that a render has failed',
    async run(machine, jobId) {
      await endOf(machine, await start(machine, requestOf(jobId, { failAtPercent: 50 })));
      if (!(await isToldOf(machine, jobId, 'Render Failed'))) return 'nobody is told of the failure';
    },
  },
  {
    name: 'a consumer of events is told that a render has started, and that it was cancelled',
    async run(machine, jobId) {
      const executionArn = await start(machine, requestOf(jobId, SLOW));
      if (!(await isToldOf(machine, jobId, 'Render Started'))) return 'nobody is told of the start';
      await stop(machine, executionArn);
      if (!(await isToldOf(machine, jobId, 'Render Cancelled'))) return 'nobody is told of the cancel';
    },
  },
  {
    name: 'an event that cannot start an execution is kept',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller, name }) =>
          caller === 'EventBridge' && name === 'StartExecution' ? 'access-denied' : undefined,
        async () => {
          await sendEvent(machine, requestOf(jobId));
          const kept = await comesIntoQueue(machine, /RenderRequestedDeadLetters/, jobId);
          return kept ? undefined : 'the event is lost';
        },
      ),
  },
  {
    name: 'a stopped execution for which CancelRender cannot be invoked is kept',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller, name }) =>
          caller === 'EventBridge' && name === 'CancelRender' ? 'access-denied' : undefined,
        async () => {
          const executionArn = await start(machine, requestOf(jobId, SLOW));
          await stop(machine, executionArn);
          const kept = await comesIntoQueue(machine, /ExecutionStoppedDeadLetters/, jobId);
          return kept ? undefined : 'the event is lost';
        },
      ),
  },
  {
    name: 'a stopped execution whose render CancelRender fails to cancel is kept',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller }) => (caller === 'CancelRender' ? 'internal-error' : undefined),
        async () => {
          const executionArn = await start(machine, requestOf(jobId, SLOW));
          await stop(machine, executionArn);
          const kept = await comesIntoQueue(machine, /ExecutionStoppedDeadLetters/, jobId);
          return kept ? undefined : 'the event is lost';
        },
      ),
  },
  ...BATCH_SCENARIOS,
];

function rendering(renders: readonly { job: string; status: string }[], jobId: string): boolean {
  return renders.some(({ job, status }) => job === jobId && ['accepted', 'rendering'].includes(status));
}

/** Calls the stack's API as the administrator. */
async function overHttp({ stack }: ProofMachine, path: string, body?: string) {
  const response = await signedFetch(`${stack.outputs.RenderApiUrl}${path}`, ADMINISTRATOR, body);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

/** Messages that the pipe has not taken out of the queue, although it has started their executions. */
async function leftInQueue({ administrator, stack }: ProofMachine): Promise<string | undefined> {
  const { Attributes } = await administrator.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: stack.outputs.RenderQueueUrl, AttributeNames: ['All'] }),
  );
  const left =
    Number(Attributes?.ApproximateNumberOfMessages) +
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  return left > 0 ? `${left} messages are left in the queue` : undefined;
}
