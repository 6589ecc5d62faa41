import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { ConnectOptions } from './connect.ts';
import { findStateMachine, listStateMachines, nameOf } from './find-state-machine.ts';
import type { RenderClients } from './render-clients.ts';
import { UsageError } from './usage-error.ts';

/** The state machine of batches, and where its files are. */
export interface BatchMachine {
  readonly arn: string;
  /** The Remotion bucket. */
  readonly bucket: string;
  /** `render-workflows/<workflow>/` */
  readonly prefix: string;
}

/** The options with the machine of batches that the environment names, where they name none. */
export function withBatchMachine<Options extends ConnectOptions>(options: Options): Options {
  const arn = options.stateMachineArn ?? process.env.BATCH_STATE_MACHINE_ARN;
  return arn ? { ...options, stateMachineArn: arn } : options;
}

/**
 * The machine that was named, else the one that can be found. Its definition says where its files are.
 *
 * @throws UsageError when it is not one of batches.
 */
export async function batchMachine(
  { sfn }: Pick<RenderClients, 'sfn'>,
  { stateMachineArn }: ConnectOptions,
): Promise<BatchMachine> {
  const arn = stateMachineArn ?? (await findStateMachine(sfn, 'batch'));
  const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
  const bucket = /"Bucket":\s*"([^"{$]+)"/.exec(definition)?.[1];
  const prefix = /"Prefix":\s*"\{% '([^']+)batches\//.exec(definition)?.[1];
  if (bucket && prefix) return { arn, bucket, prefix };
  throw new UsageError(
    `${nameOf(arn)} is not the state machine of batches; its ARN is the stack's output "BatchStateMachineArn".`,
  );
}

/**
 * The state machine of batches whose rows a workflow renders, by its name and its definition; undefined where there is
 * none.
 *
 * @throws Error of the SDK where the role may not list or describe state machines.
 */
export async function batchMachineOf(
  sfn: SFNClient,
  workflowArn: string,
): Promise<{ readonly arn: string; readonly definition: string } | undefined> {
  const { found } = await listStateMachines(sfn, 'batch');
  for (const arn of found) {
    const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    if (definition.includes(`"${workflowArn}"`)) return { arn, definition };
  }
  return undefined;
}

/** Key of a file of a batch. */
export function batchKey({ prefix }: BatchMachine, batchId: string, name: string): string {
  return `${prefix}batches/${batchId}/${name}`;
}

/** A file of a batch; undefined while it is not there. */
export async function readBatchFile(
  { s3 }: Pick<RenderClients, 's3'>,
  machine: BatchMachine,
  batchId: string,
  name: string,
): Promise<string | undefined> {
  try {
    const Key = batchKey(machine, batchId, name);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: machine.bucket, Key }));
    return await Body?.transformToString();
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    // Without s3:ListBucket, S3 says 403 of what is not there.
    if (status === 403 || status === 404) return undefined;
    throw error;
  }
}
