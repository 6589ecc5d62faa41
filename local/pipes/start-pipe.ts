import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError, LOCAL_REGION, type LocalService, type Principal } from '../aws.ts';
import type { LocalPipe } from '../cloud-assembly/local-stack.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { callAs } from '../iam/call-as.ts';
import { applyInputTemplate, checkInputTemplate } from './input-template.ts';

export interface PipeOptions {
  readonly access: Pick<AccessControl, 'assumeRole' | 'authorize'>;
  readonly sqs: LocalService;
  readonly stepFunctions: LocalService;
  /** What AWS writes into the pipe's log. */
  readonly onError: (message: string) => void;
}

export interface RunningPipe {
  /** Receives no further message; resolves when the last one is done with. */
  stop(): Promise<void>;
}

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody?: string;
  readonly Attributes?: object;
  readonly MessageAttributes?: object;
}

/** Seconds for which the pipe waits for a message before it asks again: short, as a stopped pipe leaves a wait behind. */
const LONG_POLL_IN_SECONDS = 2;

/** Milliseconds after which a pipe that could not receive tries again. */
const PAUSE_AFTER_ERROR_IN_MS = 1000;

/**
 * Starts an execution for every message of a queue, as the pipe's role. A message that has started one is
 * deleted; any other comes again when its visibility timeout is over, until the queue gives it up.
 *
 * @throws Error `UnsupportedInputTemplate`
 */
export function startPipe(
  pipe: LocalPipe,
  { access, sqs, stepFunctions, onError }: PipeOptions,
): RunningPipe {
  checkInputTemplate(pipe.inputTemplate);
  const stopping = new AbortController();
  const stopped = new Promise<object>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve({}), { once: true }),
  );
  const role = (): Principal =>
    access.assumeRole(pipe.roleArn, { kind: 'service', service: 'pipes.amazonaws.com', sourceArn: pipe.arn });
  const QueueUrl = `http://127.0.0.1/${pipe.queueArn.split(':').slice(-2).join('/')}`;

  async function call(service: LocalService, target: string, input: object): Promise<unknown> {
    const { status, body } = await callAs(role(), access, service, { target, input: JSON.stringify(input) });
    const answer = JSON.parse(body || '{}');
    if (status !== 200) throw new AwsError(answer.__type?.split('#').at(-1), answer.message, status);
    return answer;
  }

  async function receive(): Promise<readonly Message[]> {
    const asked = call(sqs, 'AmazonSQS.ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: LONG_POLL_IN_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    // A message that comes to a pipe that stops goes back to the queue.
    const answer = await Promise.race([asked, stopped]);
    return (answer as { Messages?: Message[] }).Messages ?? [];
  }

  async function process(message: Message): Promise<void> {
    // A state machine has no batches: it gets a list, also of one.
    const input = [applyInputTemplate(pipe.inputTemplate, toRecord(message, pipe.queueArn))];
    await call(stepFunctions, 'AWSStepFunctions.StartExecution', {
      stateMachineArn: pipe.stateMachineArn,
      input: JSON.stringify(input),
    });
    await call(sqs, 'AmazonSQS.DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
  }

  const report = (what: string, error: unknown): void =>
    onError(`${pipe.name}: ${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`);

  async function run(): Promise<void> {
    await call(sqs, 'AmazonSQS.GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    while (!stopping.signal.aborted) {
      for (const message of await receive())
        await process(message).catch((error: unknown) => report(`message ${message.MessageId}`, error));
    }
  }

  async function runUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await run();
      } catch (error) {
        if (stopping.signal.aborted) return;
        report(`the queue ${pipe.queueArn}`, error);
        await sleep(PAUSE_AFTER_ERROR_IN_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  const running = runUntilStopped();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** A message as AWS hands it to the target of a pipe. */
function toRecord(message: Message, queueArn: string): object {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: message.MessageAttributes ?? {},
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: LOCAL_REGION,
  };
}
