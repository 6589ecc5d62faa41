import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  type SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type ExecutionEnd, followExecution } from '../../cli/follow-execution.ts';
import { type ClientSettings, createRenderClients } from '../../cli/render-clients.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import type { RenderEvent, RenderEventType, RenderRequest } from '../../statemachine/contract.ts';

/** A deployed stack: it is known by its outputs alone. */
export interface Deployed {
  /** Of the clients; on AWS the region alone. */
  readonly settings: ClientSettings;
  readonly outputs: Readonly<Record<string, string>>;
  /** A destination bucket in another region. */
  readonly otherBucketName?: string;
}

const LOOK_EVERY_IN_MS = 1_000;

/** One second of the example, small: two functions, and less than a hundredth of a cent. */
export const SMALL = {
  composition: 'HelloWorld',
  codec: 'h264',
  inputProps: { durationInSeconds: 1 },
  framesPerLambda: 30,
  scale: 0.25,
} satisfies RenderRequest['render'];

/** As SMALL, for about a minute, so that something can happen meanwhile. */
export const SLOW = {
  ...SMALL,
  inputProps: { durationInSeconds: 10, delayPerFrameInMilliseconds: 200 },
  framesPerLambda: 300,
};

/** What scenarios do with a deployed stack, on AWS as on one machine, and what it has cost. */
export class Verification {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly deployed: Deployed;
  /** Executions that have ended. */
  readonly ends: ExecutionEnd[] = [];
  readonly #told: RenderEvent[] = [];
  #jobs = 0;

  constructor(deployed: Deployed) {
    this.deployed = deployed;
    const { settings } = deployed;
    const { sfn, s3 } = createRenderClients(settings);
    this.sfn = sfn;
    this.s3 = s3;
    this.sqs = new SQSClient(settings);
    this.events = new EventBridgeClient(settings);
    this.lambda = new LambdaClient(settings);
  }

  /** A job that there never was, also when a stack is tried again. */
  newJob(): string {
    this.#jobs += 1;
    return `verify-${Date.now().toString(36)}-${this.#jobs}`;
  }

  /** @throws Error when the stack has no such output */
  output(name: string): string {
    const value = this.deployed.outputs[name];
    if (value === undefined) throw new Error(`The stack has no output ${name}.`);
    return value;
  }

  start(request: RenderRequest | object): Promise<string> {
    return startByRequest(this.sfn, this.output('StateMachineArn'), request);
  }

  async end(executionArn: string): Promise<ExecutionEnd> {
    const end = await followExecution(this.sfn, executionArn, () => {}, LOOK_EVERY_IN_MS);
    this.ends.push(end);
    return end;
  }

  async render(request: RenderRequest | object): Promise<ExecutionEnd> {
    return this.end(await this.start(request));
  }

  async stop(executionArn: string): Promise<void> {
    const cause = 'Verification';
    await this.sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause }));
  }

  /** The execution whose input has the text, once it is there. */
  async executionWith(text: string): Promise<string> {
    return this.eventually(`an execution with ${text}`, async () => {
      const stateMachineArn = this.output('StateMachineArn');
      const { executions = [] } = await this.sfn.send(
        new ListExecutionsCommand({ stateMachineArn, maxResults: 50 }),
      );
      for (const { executionArn = '' } of executions) {
        const { input } = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (input?.includes(text)) return executionArn;
      }
      return undefined;
    });
  }

  /** What the workflow has told of a job, once it has. */
  async told<Type extends RenderEventType>(type: Type, jobId: string) {
    return this.eventually(`the event ${type} of ${jobId}`, async () => {
      const QueueUrl = this.output('ToldQueueUrl');
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        this.#told.push(JSON.parse(Body));
        await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return this.#told.find(
        (event): event is Extract<RenderEvent, { 'detail-type': Type }> =>
          event['detail-type'] === type && 'jobId' in event.detail && event.detail.jobId === jobId,
      );
    });
  }

  /** The value of an object of the Remotion bucket; undefined when it is not there. */
  async read<T>(Key: string): Promise<T | undefined> {
    const Bucket = this.output('RemotionBucketName');
    const object = await this.s3.send(new GetObjectCommand({ Bucket, Key })).catch((error: Error) => {
      if (error.name !== 'NoSuchKey') throw error;
      return undefined;
    });
    return object && JSON.parse((await object.Body?.transformToString()) ?? '');
  }

  /**
   * What is looked for, once it is found.
   *
   * @throws Error when it is not found in time
   */
  async eventually<T>(what: string, find: () => Promise<T | undefined>, seconds = 120): Promise<T> {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`${what}: not seen within ${seconds} seconds`);
      await sleep(LOOK_EVERY_IN_MS);
    }
  }
}
