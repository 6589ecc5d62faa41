import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Execution } from '../../local/stepfunctions/execution.ts';
import { isLive, type ScriptedRender } from '../scripted-remotion/scripted-remotion.ts';
import type { FaultSource } from './fault-kind.ts';
import { type FaultMachine, NOTHING_HAPPENS, REMOTION_BUCKET } from './fault-machine.ts';
import { wrongRepeat } from './invariants.ts';
import { type Job, type Outcome, outcomeOf, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';

const SECOND = 1000;

/** What is in an object that is not the workflow's. */
const SOMEBODY_ELSES = "Somebody else's";

/** One job on the machine: its request, the executions that were started for it, and its renders. */
export class JobRun implements Run, Job {
  readonly job: string;
  readonly #machine: FaultMachine;
  readonly #scenario: Scenario;
  #again = 0;

  constructor(machine: FaultMachine, job: string, scenario: Scenario) {
    this.#machine = machine;
    this.job = job;
    this.#scenario = scenario;
  }

  get jobs(): readonly Job[] {
    return [this];
  }

  get request(): object {
    const { maxCostInUsd, startTimeoutInSeconds, priority } = this.#scenario;
    return {
      jobId: this.job,
      ...(startTimeoutInSeconds !== undefined && { startTimeoutInSeconds }),
      ...(priority !== undefined && { priority }),
      ...(maxCostInUsd !== undefined && { maxCostInUsd }),
      render: {
        composition: 'Scripted',
        codec: 'h264',
        inputProps: { job: this.job, scripts: this.#scenario.scripts },
      },
      destination: { key: this.destinationKey },
    };
  }

  get destinationKey(): string {
    return `jobs/${this.job}.mp4`;
  }

  get renders(): readonly ScriptedRender[] {
    return this.#machine.remotion.renders.filter(({ job }) => job === this.job);
  }

  get isRendering(): boolean {
    return this.renders.some(({ status }) => isLive(status));
  }

  /** The job's executions, in the order of their start. */
  get executions(): readonly Execution[] {
    return this.#machine.stepFunctions.executions.filter(({ inputText }) =>
      inputText.includes(`"jobId":"${this.job}"`),
    );
  }

  async run(fault: FaultSource): Promise<Outcome> {
    const { happenings, time } = this.#machine;
    Object.assign(happenings, {
      fault,
      stopExecution: () => this.executions[0]?.stop('Stopped', 'By the fault run'),
      repeatRequest: () => void this.startAgain(),
      takeDestination: () => this.#takeDestination(),
    });
    if (this.#scenario.startedByEvent) await this.#sendEvent();
    else this.startAgain();
    const { stopAfterSeconds } = this.#scenario;
    if (stopAfterSeconds !== undefined) {
      await time.clock.sleep(stopAfterSeconds * SECOND);
      this.executions[0]?.stop('Stopped', 'By the scenario');
    }
    await this.ended();
    return outcomeOf(this.executions[0]);
  }

  outcomeOf(job: Job, outcome: Outcome): Outcome {
    return job === this ? outcome : outcomeOf(job.executions[0]);
  }

  async problems(_outcome: Outcome): Promise<string[]> {
    return [];
  }

  wrongAgain(
    how: 'repeated' | 'redriven',
    first: Outcome,
    [rendersBefore = 0]: readonly number[],
    last: Outcome,
  ): string[] {
    const started = this.renders.length - rendersBefore;
    if (how === 'repeated') return wrongRepeat(first, rendersBefore, last, started);
    return started > (rendersBefore === 0 ? 1 : 0) ? ['the redrive has started another render'] : [];
  }

  calm(): void {
    Object.assign(this.#machine.happenings, NOTHING_HAPPENS);
  }

  async freeDestination(): Promise<'not taken' | 'untouched' | 'replaced'> {
    if (!this.#isTaken) return 'not taken';
    this.#isTaken = false;
    const { s3, stack } = this.#machine;
    const object = { Bucket: stack.outputs.DestinationBucketName, Key: this.destinationKey };
    const { Body } = await s3.send(new GetObjectCommand(object));
    if ((await Body?.transformToString()) !== SOMEBODY_ELSES) return 'replaced';
    await s3.send(new DeleteObjectCommand(object));
    return 'untouched';
  }

  #isTaken = false;

  async #takeDestination(): Promise<void> {
    const { s3, stack } = this.#machine;
    const object = { Bucket: stack.outputs.DestinationBucketName, Key: this.destinationKey };
    const nobodyElse = { Body: SOMEBODY_ELSES, IfNoneMatch: '*' };
    this.#isTaken ||= await s3.send(new PutObjectCommand({ ...object, ...nobodyElse })).then(
      () => true,
      // The video is there already.
      () => false,
    );
  }

  /** Removes the files of the job's renders, which later runs would otherwise look through, and its copy. */
  async cleanUp(): Promise<void> {
    const { s3, stack } = this.#machine;
    for (const { renderId } of this.renders) {
      const Prefix = `renders/${renderId}/`;
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: REMOTION_BUCKET, Prefix }));
      for (const { Key } of Contents)
        await s3.send(new DeleteObjectCommand({ Bucket: REMOTION_BUCKET, Key }));
    }
    const Bucket = stack.outputs.DestinationBucketName;
    await s3.send(new DeleteObjectCommand({ Bucket, Key: this.destinationKey }));
    const open = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: this.destinationKey }));
    for (const { Key, UploadId } of open.Uploads ?? [])
      await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }

  startAgain(): Execution {
    const name = this.#again === 0 ? this.job : `${this.job}-${this.#again}`;
    this.#again += 1;
    const { stepFunctions, stateMachineArn } = this.#machine;
    return stepFunctions.startExecution({ stateMachineArn, name, input: JSON.stringify(this.request) });
  }

  async ended(): Promise<void> {
    for (let seen = -1; seen < this.executions.length; ) {
      seen = this.executions.length;
      await Promise.all(this.executions.map(({ ended }) => ended));
    }
  }

  async #sendEvent(): Promise<void> {
    const { stack, time, eventBridge } = this.#machine;
    await eventBridge.send(
      new PutEventsCommand({
        Entries: [
          {
            Source: 'faults',
            DetailType: 'Render Requested',
            Detail: JSON.stringify(this.request),
            EventBusName: stack.outputs.EventBusName,
          },
        ],
      }),
    );
    // Deliveries are tried for six hours.
    for (let minute = 0; this.executions.length === 0 && minute < 400; minute++)
      await time.clock.sleep(60 * SECOND);
  }
}
