import { DeleteObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { ExecutionEnd } from '../../cli/follow-execution.ts';
import type { RenderResult } from '../../statemachine/contract.ts';
import type { ObservedCall } from '../faults/fault-kind.ts';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import type { ProofMachine } from './proof-machine.ts';
import { describeEnd, endOf, notDelivered, requestOf, type Scenario, start } from './scenario.ts';

/** A video that is copied in parts. */
const LARGE = { outputSizeInBytes: 65 * 1024 ** 2 };

const copiesPart = ({ name }: ObservedCall) => name.startsWith('UploadPartCopy');

/** How a finished video comes to where it is wanted. */
export const DELIVERY_SCENARIOS: readonly Scenario[] = [
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
          const end = await endOfLarge(machine, jobId);
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
          const end = await endOfLarge(machine, jobId);
          return end.error === 'VideoNotCopied' ? openUploads(machine, jobId) : describeEnd(end);
        },
      ),
  },
];

/** The end of an execution with a large video, of which nothing stays in the memory of this process. */
async function endOfLarge(machine: ProofMachine, jobId: string): Promise<ExecutionEnd> {
  const { administrator, remotion, stack } = machine;
  const end = await endOf(machine, await start(machine, requestOf(jobId, LARGE)));
  const { renderId } = remotion.renders.find(({ job }) => job === jobId) ?? {};
  const files = [
    { Bucket: REMOTION_BUCKET, Key: `renders/${renderId}/out.mp4` },
    { Bucket: stack.outputs.DestinationBucketName, Key: `videos/${jobId}/${renderId}.mp4` },
  ];
  for (const file of files) await administrator.s3.send(new DeleteObjectCommand(file));
  return end;
}

/** What interrupted copies have left behind. */
async function openUploads(
  { administrator, stack }: ProofMachine,
  jobId: string,
): Promise<string | undefined> {
  const ofJob = { Bucket: stack.outputs.DestinationBucketName, Prefix: `videos/${jobId}/` };
  const { Uploads = [] } = await administrator.s3.send(new ListMultipartUploadsCommand(ofJob));
  return Uploads.length > 0 ? `${Uploads.length} uploads of the video were left behind` : undefined;
}
