import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { VERSION } from 'remotion/version';
import type { Clock } from '../../local/aws.ts';
import {
  fail,
  finish,
  type LaunchPayload,
  newProgress,
  type ProgressFile,
  readComposition,
  renderFrames,
} from './progress-file.ts';
import { PART_SIZE, putInParts } from './put-in-parts.ts';
import { type RenderScript, readScript } from './render-script.ts';

/** A render that this Remotion has accepted. */
export interface ScriptedRender {
  readonly renderId: string;
  /** `inputProps.job`: for whom it renders. */
  readonly job: string;
  readonly script: RenderScript;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How the job's earlier renders stood when this one was started. */
  readonly earlier: readonly RenderStatus[];
  status: RenderStatus;
}

/** `accepted` until the launch begins, `overdue` when that takes longer than a render may. */
export type RenderStatus =
  | 'accepted'
  | 'overdue'
  | 'rendering'
  | 'finished'
  | 'failed'
  | 'cancelled'
  | 'timed out';

export interface ScriptedRemotionOptions {
  readonly clock: Clock;
  readonly functionName: string;
  /** Of the function. */
  readonly timeoutInSeconds: number;
  /** What an SDK client needs to call AWS in the role of Remotion's function. */
  readonly clientConfig: () => {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  };
  /** Ten letters and digits. */
  readonly newRenderId: () => string;
}

interface Context {
  getRemainingTimeInMillis(): number;
}

const SECOND = 1000;
/** What Remotion's client makes of a throttled invocation, with the stack that the main function makes of that. */
const CONCURRENCY_LIMIT =
  'Error: AWS Concurrency limit reached (Original Error: Rate Exceeded.). See https://www.remotion.dev/docs/lambda/troubleshooting/rate-limit for tips to fix this.';
const WRITES = 3;

/**
 * Stands where Remotion's function stands, for what does not need a real video: the same invocations, the same
 * files in the bucket, and a render that goes as its script says. It does `start` and `launch`.
 */
export class ScriptedRemotion {
  /** In the order in which they were started. */
  readonly renders: ScriptedRender[] = [];
  readonly #options: ScriptedRemotionOptions;
  /** How often each job was started or refused. */
  readonly #starts = new Map<string, number>();

  constructor(options: ScriptedRemotionOptions) {
    this.#options = options;
  }

  /** The function's handler. */
  readonly handler = async (event: unknown, context: Context): Promise<unknown> => {
    const payload = event as LaunchPayload;
    if (payload.type === 'start') return this.#start(payload, context);
    if (payload.type === 'launch') return this.#launch(payload, context);
    throw new Error(`The scripted Remotion does start and launch, not ${JSON.stringify(payload.type)}.`);
  };

  /** Whether Lambda has no capacity for an invocation, so that an asynchronous one waits in its queue. */
  hasNoCapacityFor(event: unknown): boolean {
    const { type, renderId } = event as LaunchPayload;
    const render = this.renders.find((each) => type === 'launch' && each.renderId === renderId);
    return render !== undefined && Date.now() < render.startedAt + (render.script.launchDelay ?? 0) * SECOND;
  }

  /** A launch that waits in Lambda's queue renders nothing; one that was cancelled stops as soon as it begins. */
  #statusOf({ status, startedAt }: ScriptedRender): RenderStatus {
    const isOverdue = Date.now() - startedAt > this.#options.timeoutInSeconds * SECOND;
    return status === 'accepted' && isOverdue ? 'overdue' : status;
  }

  async #start(payload: LaunchPayload, context: Context): Promise<object> {
    try {
      if (payload.version !== VERSION) throw new Error(`Version mismatch: the function is ${VERSION}`);
      const props = await this.#propsOf(payload);
      const job = String(props.job ?? '');
      const earlier = this.renders
        .filter((render) => render.job === job)
        .map((render) => this.#statusOf(render));
      const starts = this.#starts.get(job) ?? 0;
      this.#starts.set(job, starts + 1);
      const script = readScript(props, starts);
      if (script.refusesStart) throw new Error(script.refusesStart);
      const { newRenderId, functionName } = this.#options;
      const launch = { ...payload, type: 'launch' as const, renderId: newRenderId() };
      const startedAt = Date.now();
      this.renders.push({ renderId: launch.renderId, job, script, startedAt, earlier, status: 'accepted' });
      await this.#write(launch, newProgress(payload, Date.now() + context.getRemainingTimeInMillis()));
      await this.#lambda().send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: Buffer.from(JSON.stringify(launch)),
        }),
      );
      return { type: 'success', bucketName: launch.bucketName, renderId: launch.renderId };
    } catch (error) {
      const { message, stack } = error as Error;
      return { type: 'error', message, stack };
    }
  }

  async #launch(payload: LaunchPayload, context: Context): Promise<object> {
    const render = this.renders.find(({ renderId }) => renderId === payload.renderId);
    if (!render) throw new Error(`Render ${payload.renderId} was not started here.`);
    render.status = 'rendering';
    const progress = newProgress(payload, Date.now() + context.getRemainingTimeInMillis());
    const { script } = render;
    const stopped = await this.#render(payload, progress, script, context);
    if (stopped === 'timed out') {
      render.status = stopped;
      return {};
    }
    if (stopped) fail(progress, stopped.name, stopped.message);
    else await this.#finish(payload, progress, script);
    // Over for whoever counts when Remotion has nothing more to do.
    if (!script.liesAboutTimeout) await this.#write(payload, progress);
    render.status = !stopped ? 'finished' : stopped.name === 'CancelledError' ? 'cancelled' : 'failed';
    return {};
  }

  /** Says why the render ended before its time. */
  async #render(
    payload: LaunchPayload,
    progress: ProgressFile,
    script: RenderScript,
    context: Context,
  ): Promise<Error | 'timed out' | undefined> {
    const {
      startDelay = 1,
      seconds = 4,
      failAtPercent = Number.POSITIVE_INFINITY,
      throttledAtPercent = Number.POSITIVE_INFINITY,
      hang,
      finishesAfterCancel,
    } = script;
    for (let second = 1; ; second++) {
      if (context.getRemainingTimeInMillis() <= 2 * SECOND) return 'timed out';
      await this.#options.clock.sleep(SECOND);
      if (!finishesAfterCancel && (await this.#isCancelled(payload))) {
        return Object.assign(new Error('renderFrames() got cancelled'), { name: 'CancelledError' });
      }
      if (progress.serveUrlOpened === null) {
        progress.serveUrlOpened = Date.now();
        await this.#write(payload, progress);
      }
      if (second < startDelay || hang === 'before-metadata') continue;
      const rendered = (second - startDelay) / seconds;
      if (rendered * 100 >= failAtPercent) return new Error(`The script fails at ${failAtPercent} %`);
      if (rendered * 100 >= throttledAtPercent) {
        // So that the functions stop that had capacity.
        if (payload.enableCancellation) await this.#put(payload, 'cancel.json', Buffer.from('{}'));
        return new Error(CONCURRENCY_LIMIT);
      }
      if (rendered >= 1 && hang !== 'at-99') return undefined;
      const before = JSON.stringify(progress);
      if (!progress.renderMetadata) readComposition(progress, payload, this.#options.functionName);
      renderFrames(progress, Math.min(rendered, 0.99));
      if (JSON.stringify(progress) !== before) await this.#write(payload, progress);
    }
  }

  async #finish(payload: LaunchPayload, progress: ProgressFile, script: RenderScript): Promise<void> {
    const { outputSizeInBytes = 4096, artifacts = 0 } = script;
    for (let i = 1; i <= artifacts; i++) {
      const body = Buffer.from(`Artifact ${i} of ${payload.renderId}`);
      await this.#put(payload, `artifacts/${i}.txt`, body);
      progress.receivedArtifact.push({ filename: `${i}.txt`, sizeInBytes: body.length });
    }
    await this.#put(payload, 'out.mp4', Buffer.alloc(outputSizeInBytes, payload.renderId));
    finish(progress, outputSizeInBytes);
    // Sound and picture of the chunk count apart.
    if (script.losesLastProgress) Object.assign(progress, { postRenderData: null, chunks: [0, 0] });
  }

  async #isCancelled({ bucketName, renderId, enableCancellation }: LaunchPayload): Promise<boolean> {
    if (!enableCancellation) return false;
    const Key = `renders/${renderId}/cancel.json`;
    return this.#s3()
      .send(new HeadObjectCommand({ Bucket: bucketName, Key }))
      .then(
        () => true,
        () => false,
      );
  }

  /** Remotion goes on when its progress cannot be written. */
  async #write(payload: LaunchPayload, progress: ProgressFile): Promise<void> {
    await this.#put(payload, 'progress.json', Buffer.from(JSON.stringify(progress))).catch(() => {});
  }

  async #put({ bucketName, renderId }: LaunchPayload, file: string, body: Buffer): Promise<void> {
    const object = { Bucket: bucketName, Key: `renders/${renderId}/${file}` };
    if (body.length > PART_SIZE) return putInParts(this.#s3(), object, body);
    const command = new PutObjectCommand({
      ...object,
      Body: body,
      ...(file === 'progress.json' && { ACL: 'private' }),
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#s3().send(command);
        return;
      } catch (error) {
        if (attempt === WRITES) throw error;
        await this.#options.clock.sleep(100 * attempt);
      }
    }
  }

  /** Props that are too large for an invocation are in the bucket. */
  async #propsOf({ inputProps, bucketName }: LaunchPayload): Promise<Record<string, unknown>> {
    if (inputProps.type === 'payload') return JSON.parse(inputProps.payload ?? '{}');
    const object = { Bucket: bucketName, Key: `input-props/${inputProps.hash}.json` };
    const { Body } = await this.#s3().send(new GetObjectCommand(object));
    return JSON.parse((await Body?.transformToString()) ?? '{}');
  }

  #lambdaClient: LambdaClient | undefined;

  #lambda(): LambdaClient {
    this.#lambdaClient ??= new LambdaClient({ ...this.#options.clientConfig(), maxAttempts: 1 });
    return this.#lambdaClient;
  }

  #client: S3Client | undefined;

  #s3(): S3Client {
    this.#client ??= new S3Client({ ...this.#options.clientConfig(), maxAttempts: 1 });
    return this.#client;
  }
}

/** Whether a render may still do something and cost something. */
export function isLive(status: RenderStatus): boolean {
  return status === 'accepted' || status === 'rendering';
}
