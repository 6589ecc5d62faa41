import { randomUUID } from 'node:crypto';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { UsageError } from './usage-error.ts';

/** What Step Functions takes as the input of an execution. */
const MAX_INPUT_IN_BYTES = 256 * 1024;

/** @throws UsageError naming the option and the file when the input is larger than an execution takes. */
export function checkInputSize(option: string, file: string, input: unknown): void {
  const size = Buffer.byteLength(JSON.stringify(input));
  if (size <= MAX_INPUT_IN_BYTES) return;
  throw new UsageError(
    `${option}: ${file} has ${size} bytes, and Step Functions takes ${MAX_INPUT_IN_BYTES}. Put the input props into S3 and name them with render.inputPropsUri.`,
  );
}

/** Starts an execution with the input. Returns its ARN. */
export async function startByRequest(
  sfn: SFNClient,
  stateMachineArn: string,
  input: unknown,
): Promise<string> {
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn,
      name: nameExecution(input),
      input: JSON.stringify(input),
    }),
  );
  return executionArn ?? '';
}

/**
 * A name of its own for every execution, with the job's in front for those who read lists. A start that has a
 * name can be repeated by the SDK when its answer is lost, without a second execution.
 */
function nameExecution(input: unknown): string {
  const jobId = (input as { jobId?: unknown } | null)?.jobId;
  const isName = typeof jobId === 'string' && /^[\w.-]{1,60}$/.test(jobId);
  return isName ? `${jobId}-${randomUUID().slice(0, 8)}` : randomUUID();
}
