import { setTimeout as sleep } from 'node:timers/promises';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { type ExecutionEnd, followExecution } from '../../cli/follow-execution.ts';
import type { RenderEvent, RenderEventType } from '../../statemachine/contract.ts';
import type { ObservedCall } from '../faults/fault-kind.ts';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import type { RenderScript } from '../scripted-remotion/render-script.ts';
import { isLive } from '../scripted-remotion/scripted-remotion.ts';
import type { ProofMachine } from './proof-machine.ts';

/** Something that works with the template's policies. */
export interface Scenario<Machine = ProofMachine> {
  readonly name: string;
  /**
   * @param jobId a job that no other run has
   * @returns what went wrong; undefined when it works
   */
  run(machine: Machine, jobId: string): Promise<string | undefined>;
}

/** How long things may take that happen beside an execution, in seconds of virtual time. */
const PATIENCE_IN_SECONDS = 900;

/** Of virtual time. */
const LOOK_EVERY_IN_MS = 10_000;

/** Of virtual time; no scenario takes a third of it. */
const LONGEST_EXECUTION_IN_MS = 30 * 60_000;

/** A request for a render that goes as the script says; a second render of the job as the second script does. */
export function requestOf(
  jobId: string,
  script: RenderScript | readonly RenderScript[] = {},
  more: object = {},
) {
  const inputProps = { job: jobId, scripts: [script].flat() };
  return { jobId, render: { composition: 'Scripted', codec: 'h264', inputProps, ...more } };
}

/** The request with props that are 160 KB of JSON, and twice as much when they are escaped once more. */
export function large(request: ReturnType<typeof requestOf>) {
  const inputProps = { ...request.render.inputProps, text: '"'.repeat(80_000) };
  return { ...request, render: { ...request.render, inputProps } };
}

/** Whether a call is the one that has Remotion start a render. */
export const isStart = ({ caller, name }: ObservedCall) =>
  caller === 'StartRender' && name === 'Invoke Remotion';

export async function start(
  { administrator, stateMachineArn }: ProofMachine,
  request: object,
): Promise<string> {
  const { executionArn = '' } = await administrator.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(request) }),
  );
  return executionArn;
}

/** The end of an execution, which is stopped where it comes to none, as one that waits to be called. */
export async function endOf(machine: ProofMachine, executionArn: string): Promise<ExecutionEnd> {
  const { sfn } = machine.administrator;
  const follow = (signal?: AbortSignal) =>
    followExecution(sfn, executionArn, () => {}, LOOK_EVERY_IN_MS, signal);
  try {
    return await follow(AbortSignal.timeout(LONGEST_EXECUTION_IN_MS));
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error;
    await stop(machine, executionArn, 'it came to no end in half an hour');
    return follow();
  }
}

export async function stop(
  { administrator }: ProofMachine,
  executionArn: string,
  cause = 'Proof',
): Promise<void> {
  await administrator.sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause }));
}

/** Puts an event that asks for a render on the stack's bus. Returns the ARN of the execution that it should start. */
export async function sendEvent(machine: ProofMachine, request: object): Promise<string> {
  const { Entries = [] } = await machine.administrator.events.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: machine.stack.outputs.EventBusName,
          Source: 'proof',
          DetailType: 'Render Requested',
          Detail: JSON.stringify(request),
        },
      ],
    }),
  );
  return `${machine.stateMachineArn.replace(':stateMachine:', ':execution:')}:${Entries[0]?.EventId}`;
}

/** Sends a message that asks for a render to the stack's queue. */
export async function sendMessage({ administrator, stack }: ProofMachine, request: object): Promise<void> {
  await administrator.sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.outputs.RenderQueueUrl,
      MessageBody: JSON.stringify(request),
    }),
  );
}

/** The ARN of the execution whose input has the text, once there is one; undefined when none comes. */
export async function executionWith(machine: ProofMachine, text: string): Promise<string | undefined> {
  const { administrator, stateMachineArn } = machine;
  let found: string | undefined;
  await eventually(async () => {
    const { executions = [] } = await administrator.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    for (const { executionArn } of executions) {
      const { input } = await administrator.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (input?.includes(text)) found = executionArn;
    }
    return found !== undefined;
  });
  return found;
}

export async function exists({ administrator }: ProofMachine, executionArn: string): Promise<boolean> {
  return eventually(() =>
    administrator.sfn.send(new DescribeExecutionCommand({ executionArn })).then(
      () => true,
      () => false,
    ),
  );
}

/** Whether a message that holds the text comes into the queue with that in its logical id; it is taken out. */
export async function comesIntoQueue(machine: ProofMachine, id: RegExp, text: string): Promise<boolean> {
  const { sqs } = machine.administrator;
  const QueueUrl = machine.stack.queues.find(({ logicalId }) => id.test(logicalId))?.url;
  return eventually(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    const found = Messages.find(({ Body }) => Body?.includes(text));
    if (!found) return false;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: found.ReceiptHandle }));
    return true;
  });
}

/** Whether the consumer of events is told this of the job; what it was told before is forgotten. */
export async function isToldOf(
  { administrator, stack }: ProofMachine,
  jobId: string,
  detailType: RenderEventType,
): Promise<boolean> {
  const QueueUrl = stack.outputs.RenderEventsQueueUrl;
  return eventually(async () => {
    const { Messages = [] } = await administrator.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    for (const { ReceiptHandle } of Messages)
      await administrator.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.some(({ Body = '' }) => {
      const event = JSON.parse(Body) as RenderEvent;
      return event['detail-type'] === detailType && event.detail.jobId === jobId;
    });
  });
}

/** The state of the job's claim; undefined when there is none. */
export async function claimState(machine: ProofMachine, jobId: string): Promise<string | undefined> {
  const claim = await machine.administrator.s3
    .send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key: claimKey(machine, jobId) }))
    .then(({ Body }) => Body?.transformToString())
    .catch(() => undefined);
  return claim && JSON.parse(claim).state;
}

/** Has 0.1.0 have written the job's claim: where it kept them, and without a token. */
export async function leaveClaimAsFormer(machine: ProofMachine, jobId: string): Promise<void> {
  const { s3 } = machine.administrator;
  const Key = claimKey(machine, jobId);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key }));
  const { token: _, ...claim } = JSON.parse((await Body?.transformToString()) ?? '');
  await s3.send(
    new PutObjectCommand({
      Bucket: REMOTION_BUCKET,
      Key: `render-jobs/${jobId}.json`,
      Body: JSON.stringify(claim),
    }),
  );
  await s3.send(new DeleteObjectCommand({ Bucket: REMOTION_BUCKET, Key }));
}

function claimKey({ jobsPrefix }: ProofMachine, jobId: string): string {
  return `${jobsPrefix}${jobId}.json`;
}

/** Whether it comes true within a quarter of an hour of virtual time. */
export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let second = 0; second < PATIENCE_IN_SECONDS; second += 5) {
    if (await isTrue()) return true;
    await sleep(5_000);
  }
  return false;
}

export function isRendering({ remotion }: ProofMachine, jobId: string): boolean {
  return remotion.renders.some(({ job, status }) => job === jobId && isLive(status));
}

/** What is wrong with a render that should be cancelled in time. */
export async function notCancelled(machine: ProofMachine, jobId: string): Promise<string | undefined> {
  const render = () => machine.remotion.renders.find(({ job }) => job === jobId);
  await eventually(() => render() !== undefined && !isRendering(machine, jobId));
  return render()?.status === 'cancelled' ? undefined : `the render ended ${render()?.status}`;
}

/** What is wrong with an execution that should have succeeded. */
export function notDelivered(end: ExecutionEnd): string | undefined {
  return end.status === 'SUCCEEDED' ? undefined : describeEnd(end);
}

export function describeEnd({ status, error, cause }: ExecutionEnd): string {
  return `the execution ended ${[status, error, firstLine(cause)].filter(Boolean).join(', ')}`;
}

/** The message of the cause, which the workflow and Lambda make a JSON document. */
function firstLine(cause = ''): string | undefined {
  let message = cause;
  try {
    const { message: own, errorMessage } = JSON.parse(cause);
    message = own ?? errorMessage ?? cause;
  } catch {
    // The cause of what AWS itself reports is plain text.
  }
  return message.split('\n')[0]?.slice(0, 300);
}
