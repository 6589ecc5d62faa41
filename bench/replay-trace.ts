import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { getRenderProgress } from '@remotion/lambda/client';
import { followRender } from '../functions/get-render-progress/follow-render.ts';
import { frameCounters, progressReport } from '../functions/get-render-progress/progress-report.ts';
import { lookAtRender } from '../functions/render/look-at-render.ts';
import type { RemotionProgress } from '../functions/render/remotion-progress.ts';
import { VirtualClock } from '../local/clock.ts';
import type { Json } from '../local/stepfunctions/json.ts';
import { StepFunctions } from '../local/stepfunctions/step-functions.ts';
import type { LambdaInvocation } from '../local/stepfunctions/task-services.ts';
import type { GetRenderProgressInput, StartedRender } from '../statemachine/contract.ts';
import type { Policy } from './policies.ts';
import type { Usage } from './prices.ts';
import { finishOf, type RenderTrace } from './render-trace.ts';
import { BUCKET, REMOTION_FUNCTION, RENDER_ID, TraceBucket } from './trace-bucket.ts';

/**
 * What AWS takes for things, in milliseconds; assumptions, the same for every policy. A look costs its policy
 * the start of its function once, and each time the call and the function's own work.
 */
export const TIMES = { call: 60, coldStart: 600, work: 15, read: 25, remotionStatus: 150 } as const;

const MEMORY_IN_GB = 256 / 1024;
const REMOTION_MEMORY_IN_GB = 2048 / 1024;
const DEPLOYMENT = { region: 'us-east-1', functionName: REMOTION_FUNCTION, bucketName: BUCKET } as const;
const LOOP_STATES = ['WaitForRender', 'GetRenderProgress', 'IsRenderFinished'];
const DEFINITION = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '..', 'statemachine', 'render-workflow.asl.json'),
    'utf8',
  ).replaceAll(/\$\{(\w+)FunctionArn\}/g, '$1'),
);

/** How a policy did on a render. */
export interface Outcome extends Usage {
  /** From when the render could be seen to be finished to the start of the copy, in milliseconds. */
  readonly delayInMs: number;
  /** Longest time without a report, in milliseconds. */
  readonly longestSilenceInMs: number;
}

/** Runs a policy on a render in virtual time. */
export async function replayTrace(trace: RenderTrace, policy: Policy): Promise<Outcome> {
  const replay = new Replay(trace);
  return policy.kind === 'client' ? replay.pollByClient(policy.seconds) : replay.runMachine(policy);
}

class Replay {
  // Remotion's client reads the machine's own clock too: virtual time runs ahead of it and so never times out.
  readonly clock = new VirtualClock(Date.now());
  readonly startedAt = this.clock.now();
  readonly trace: RenderTrace;
  readonly bucket: TraceBucket;
  readonly usage: Usage = { stateTransitions: 0, invocations: 0, gigabyteSeconds: 0, s3Reads: 0 };
  readonly reportedAt = [this.startedAt];
  readonly render: StartedRender;
  warm = false;

  constructor(trace: RenderTrace) {
    this.trace = trace;
    this.bucket = new TraceBucket(trace, this.startedAt, () => this.clock.now());
    this.render = {
      jobId: 'bench',
      renderId: RENDER_ID,
      bucketName: BUCKET,
      destination: { bucket: 'videos' },
      startedAt: this.startedAt,
      logsUrl: '',
      folderInS3Console: '',
    };
  }

  async pollByClient(seconds: number): Promise<Outcome> {
    for (;;) {
      await this.clock.sleep(TIMES.call + TIMES.remotionStatus);
      this.usage.invocations += 1;
      this.usage.gigabyteSeconds += (REMOTION_MEMORY_IN_GB * TIMES.remotionStatus) / 1000;
      const progress = await this.ask();
      this.reportedAt.push(this.clock.now());
      if (progress.done) return this.outcome(this.clock.now());
      await this.clock.sleep(seconds * 1000);
    }
  }

  async runMachine(policy: Exclude<Policy, { kind: 'client' }>): Promise<Outcome> {
    const stepFunctions = new StepFunctions({
      clock: this.clock,
      services: {
        invokeLambda: async (invocation) => ({
          payload: await this.invoke(invocation, policy),
          statusCode: 200,
          requestId: 'bench',
        }),
        putEvents: async () => ({ body: { FailedEntryCount: 0 }, statusCode: 200, requestId: 'bench' }),
      },
    });
    const { arn } = stepFunctions.addStateMachine({
      name: 'bench',
      definition: JSON.stringify(policy.kind === 'ours' ? DEFINITION : waitFirst(this.waitOf(policy))),
      roleArn: 'arn:aws:iam::123456789012:role/bench',
    });
    const execution = stepFunctions.startExecution({ stateMachineArn: arn, input: '{}' });
    await execution.ended;
    if (execution.status !== 'SUCCEEDED')
      throw new Error(`${this.trace.name}, ${policy.name}: ${execution.error}: ${execution.cause}`);
    for (const event of execution.events) {
      const { name } = (event.stateEnteredEventDetails ?? {}) as { name?: string };
      if (name && LOOP_STATES.includes(name)) this.usage.stateTransitions += 1;
    }
    return this.outcome(Number(JSON.parse(execution.outputText ?? '')));
  }

  waitOf(policy: Exclude<Policy, { kind: 'client' | 'ours' }>): number {
    if (policy.kind === 'fixed') return policy.seconds;
    const begin = finishOf(this.trace) - TIMES.call - TIMES.coldStart - TIMES.work - TIMES.read;
    return Math.max(0, Math.floor(begin / 1000));
  }

  async invoke(
    { caller, payload }: LambdaInvocation,
    policy: Exclude<Policy, { kind: 'client' }>,
  ): Promise<Json> {
    if (caller.stateName === 'StartRender') return { ...this.render } as unknown as Json;
    await this.clock.sleep(TIMES.call);
    if (caller.stateName === 'CopyToBucket') return this.clock.now();
    if (caller.stateName !== 'GetRenderProgress')
      throw new Error(`${this.trace.name}: came to ${caller.stateName}: ${JSON.stringify(payload)}`);
    const begun = this.clock.now();
    await this.clock.sleep((this.warm ? 0 : TIMES.coldStart) + TIMES.work);
    this.warm = true;
    const report = await this.look(payload as unknown as GetRenderProgressInput, policy);
    this.usage.invocations += 1;
    this.usage.gigabyteSeconds += (MEMORY_IN_GB * (this.clock.now() - begun)) / 1000;
    this.reportedAt.push(this.clock.now());
    return report as unknown as Json;
  }

  async look({ previous }: GetRenderProgressInput, policy: Exclude<Policy, { kind: 'client' }>) {
    const finish = this.startedAt + finishOf(this.trace);
    // The ideal starts its function just in time and pays for no more.
    if (policy.kind === 'ideal') await this.clock.sleep(Math.max(0, finish - this.clock.now() - TIMES.read));
    const earlier = previous && 'pace' in previous ? previous : undefined;
    const look = await followRender({
      read: () => this.read(),
      earlier,
      maxSecondsBetweenUpdates: policy.kind === 'ours' ? policy.maxSecondsBetweenUpdates : 1,
      clock: this.clock,
    });
    return progressReport(this.render, look, earlier);
  }

  async read() {
    await this.clock.sleep(TIMES.read);
    const progress = await this.clock.holdDuring(() =>
      lookAtRender(new S3Client({}), DEPLOYMENT, this.render, {
        now: () => this.clock.now(),
        requestHandler: this.bucket as never,
      }),
    );
    return { progress, counters: frameCounters(progress) };
  }

  /** What Remotion's function does when it is asked for the progress. */
  ask(): Promise<RemotionProgress> {
    return this.clock.holdDuring(() =>
      getRenderProgress({
        ...DEPLOYMENT,
        renderId: RENDER_ID,
        skipLambdaInvocation: true,
        requestHandler: this.bucket as never,
      }),
    );
  }

  outcome(copyStartedAt: number): Outcome {
    const finish = this.startedAt + finishOf(this.trace);
    const silences = this.reportedAt.slice(1).map((at, index) => at - (this.reportedAt[index] ?? 0));
    return {
      ...this.usage,
      s3Reads: this.bucket.reads,
      delayInMs: copyStartedAt - finish,
      longestSilenceInMs: Math.max(...silences),
    };
  }
}

/** The definition with a wait before the first look too, always of the same length. */
function waitFirst(seconds: number) {
  const { StartRender, WaitForRender } = DEFINITION.States;
  return {
    ...DEFINITION,
    States: {
      ...DEFINITION.States,
      StartRender: { ...StartRender, Next: 'WaitForRender' },
      WaitForRender: { ...WaitForRender, Seconds: seconds },
    },
  };
}
