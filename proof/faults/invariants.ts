import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  NoSuchKey,
} from '@aws-sdk/client-s3';
import { isLive } from '../scripted-remotion/scripted-remotion.ts';
import type { FaultMachine } from './fault-machine.ts';
import type { FaultRule } from './fault-rule.ts';
import type { Job, Outcome } from './run.ts';

/** The job's object at its destination, and what is wrong with it. */
export interface Delivered {
  /** Undefined when there is no object. */
  readonly renderId?: string;
  readonly problem?: string;
}

/** Looks whether the destination has the whole video of one of the job's renders, or nothing. */
export async function readDelivered({ s3, stack }: FaultMachine, run: Job): Promise<Delivered> {
  let object: GetObjectCommandOutput;
  try {
    const Bucket = stack.outputs.DestinationBucketName;
    object = await s3.send(new GetObjectCommand({ Bucket, Key: run.destinationKey }));
  } catch (error) {
    if (error instanceof NoSuchKey) return {};
    throw error;
  }
  const body = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  const render = run.renders.find(({ renderId }) => body.equals(Buffer.alloc(body.length, renderId)));
  const size = render?.script.outputSizeInBytes ?? 4096;
  if (!render || body.length !== size)
    return { problem: `the destination has ${body.length} bytes of no render of the job` };
  return { renderId: render.renderId };
}

/** The job's uploads that are neither complete nor ended. */
async function openUploads({ s3, stack }: FaultMachine, run: Job): Promise<MultipartUpload[]> {
  const Bucket = stack.outputs.DestinationBucketName;
  const { Uploads = [] } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket, Prefix: run.destinationKey }),
  );
  return Uploads;
}

/**
 * Whether a fault can cost CopyToBucket an upload that it has begun: it was killed, was not told of the upload, or
 * could not end it. What is open then is ended by the lifecycle rule of the bucket.
 */
function losesUpload({ caller, name, kind }: Pick<FaultRule, 'caller' | 'name' | 'kind'>): boolean {
  return caller === 'CopyToBucket' && (/^killed/.test(kind) || /^(Create|Abort)MultipartUpload/.test(name));
}

interface LookedAt {
  readonly run: Job;
  readonly outcome: Outcome;
  readonly delivered: Delivered;
  readonly openUploads: number;
  readonly losesUpload: boolean;
}

/** Each says what is wrong. */
const INVARIANTS: readonly ((job: LookedAt) => string | false | undefined)[] = [
  ({ delivered }) => delivered.problem,
  ({ delivered, outcome }) => outcome === 'SUCCEEDED' && !delivered.renderId && 'succeeded without a video',
  ({ run }) => run.renders.some(({ earlier }) => earlier.some(isLive)) && 'two renders of the job at once',
  ({ run }) =>
    run.renders.some(({ earlier }) => earlier.includes('finished')) && 'rendered again what was finished',
  ({ run }) =>
    run.renders.filter(({ status }) => status === 'finished').length > 1 && 'two finished renders of the job',
  ({ openUploads, losesUpload }) =>
    openUploads > 0 && !losesUpload && `${openUploads} open multipart uploads`,
];

/** How many invariants a job is held against. */
export const INVARIANT_COUNT = INVARIANTS.length;

/** What must hold of a job at any time, after these faults. Gives one line for each thing that is wrong. */
export async function brokenInvariants(
  machine: FaultMachine,
  run: Job,
  outcome: Outcome,
  faults: readonly Pick<FaultRule, 'caller' | 'name' | 'kind'>[] = [],
): Promise<string[]> {
  const delivered = await readDelivered(machine, run);
  const uploads = await openUploads(machine, run);
  const job = {
    run,
    outcome,
    delivered,
    openUploads: uploads.length,
    losesUpload: faults.some(losesUpload),
  };
  return INVARIANTS.flatMap((problemOf) => problemOf(job) || []);
}

/** Failures after which the same request may render again, because the first render has failed or was cancelled. */
const RENDERS_AGAIN = [
  'RenderFailed',
  'RenderTimedOut',
  'RenderCancelled',
  'RenderOverBudget',
  'RenderThrottled',
  'RenderProgressUnavailable',
  'ABORTED',
  'TIMED_OUT',
];

/**
 * What is wrong with how a repeated request ended.
 * @param rendersBefore how many renders there were before
 * @param started how many it has started
 */
export function wrongRepeat(
  first: Outcome,
  rendersBefore: number,
  repeated: Outcome,
  started: number,
): string[] {
  const problems: string[] = [];
  const mayStart = rendersBefore === 0 ? first !== 'StartOutcomeUnknown' : RENDERS_AGAIN.includes(first);
  if (started > (mayStart ? 1 : 0)) problems.push(`the repeat has started ${started} renders`);
  const rightEnds = first === 'StartOutcomeUnknown' ? ['SUCCEEDED', first] : ['SUCCEEDED'];
  if (!rightEnds.includes(repeated)) problems.push(`the repeat ends in ${repeated}`);
  return problems;
}
