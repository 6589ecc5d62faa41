import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListMultipartUploadsCommand,
  NoSuchKey,
} from '@aws-sdk/client-s3';
import { isLive } from '../scripted-remotion/scripted-remotion.ts';
import { type FaultMachine, REMOTION_BUCKET } from './fault-machine.ts';
import type { JobRun, Outcome } from './job-run.ts';

/** The job's object at its destination, and what is wrong with it. */
export interface Delivered {
  /** Undefined when there is no object. */
  readonly renderId?: string;
  readonly problem?: string;
}

/** Looks whether the destination has the whole video of one of the job's renders, or nothing. */
export async function readDelivered({ s3, stack }: FaultMachine, run: JobRun): Promise<Delivered> {
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

async function openUploads({ s3, stack }: FaultMachine): Promise<number> {
  const buckets = [REMOTION_BUCKET, stack.outputs.DestinationBucketName];
  const lists = await Promise.all(
    buckets.map((Bucket) => s3.send(new ListMultipartUploadsCommand({ Bucket }))),
  );
  return lists.flatMap(({ Uploads = [] }) => Uploads).length;
}

/** What must hold of a job at any time. Gives one line for each thing that is wrong. */
export async function brokenInvariants(
  machine: FaultMachine,
  run: JobRun,
  outcome: Outcome,
): Promise<string[]> {
  const problems: string[] = [];
  const delivered = await readDelivered(machine, run);
  if (delivered.problem) problems.push(delivered.problem);
  if (outcome === 'SUCCEEDED' && !delivered.renderId) problems.push('succeeded without a video');
  if (run.renders.some(({ earlier }) => earlier.some(isLive)))
    problems.push('two renders of the job at once');
  if (run.renders.some(({ earlier }) => earlier.includes('finished')))
    problems.push('rendered again what was finished');
  const uploads = await openUploads(machine);
  if (uploads > 0) problems.push(`${uploads} open multipart uploads`);
  return problems;
}

/** Failures after which the same request may render again, because the first render has failed or was cancelled. */
const RENDERS_AGAIN = [
  'RenderFailed',
  'RenderTimedOut',
  'RenderCancelled',
  'RenderOverBudget',
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
