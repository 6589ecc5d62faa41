import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, type Clock } from '../aws.ts';
import { realClock } from '../clock.ts';
import type { SendToQueue } from './accepted-event.ts';
import { type FunctionConfiguration, functionArn } from './function-configuration.ts';
import type { ProcessCredentials } from './function-environment.ts';
import { FunctionProcess } from './function-process.ts';
import type { InvocationResult } from './invocation-result.ts';
import { processEvent } from './process-event.ts';
import type { FunctionErrorPayload } from './process-messages.ts';

export interface FunctionHostOptions {
  readonly functions: readonly FunctionConfiguration[];
  /** Access keys for a new process of the function. */
  readonly issueCredentials: (functionName: string) => ProcessCredentials;
  /** The processes' `AWS_ENDPOINT_URL`; asked for when a process starts. */
  readonly endpointUrl: () => string;
  /** Gets every line that a function writes to stdout or stderr. */
  readonly log: (functionName: string, line: string) => void;
  /** Seconds after which an idle process is ended. @default 300 */
  readonly idleTimeoutInSeconds?: number;
  /** For the time between two tries of an event. @default the machine's own time */
  readonly clock?: Clock;
  /** Where events go that are given up. @default nowhere */
  readonly sendToQueue?: SendToQueue;
}

export interface Invocation {
  readonly functionName: string;
  /** JSON text. */
  readonly payload: string;
}

/** An invocation that has got its process. */
export interface StartedInvocation {
  readonly requestId: string;
  /** Resolves when it has ended, with the error it ended in; never rejects. */
  readonly ended: Promise<FunctionErrorPayload | undefined>;
}

const MAXIMUM_RESPONSE_IN_BYTES = 6_291_556;

/** Runs functions in processes: one per concurrent invocation, used again when idle. */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  #functions: ReadonlyMap<string, FunctionConfiguration> = new Map();
  readonly #workFolder = mkdtempSync(join(tmpdir(), 'one-machine-lambda-'));
  readonly #processes = new Set<FunctionProcess>();
  /** Events that are neither processed nor discarded yet. */
  readonly #events = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  /** Limits that were set while the function was there, over those of its configuration. */
  readonly #limits = new Map<string, number>();

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.update(options.functions);
  }

  /** Has these functions from now on. Invocations that run end as they began. */
  update(functions: readonly FunctionConfiguration[]): void {
    this.#functions = new Map(functions.map((each) => [each.functionName, each]));
    for (const each of this.processes) if (!each.requestId && !this.#isCurrent(each)) each.kill();
  }

  /** Reserves concurrency for a function, which is its limit too. @param limit undefined: what its configuration says */
  limitConcurrency(functionName: string, limit: number | undefined): void {
    this.configuration(functionName);
    if (limit === undefined) this.#limits.delete(functionName);
    else this.#limits.set(functionName, limit);
  }

  #isCurrent({ configuration }: FunctionProcess): boolean {
    return isDeepStrictEqual(configuration, this.#functions.get(configuration.functionName));
  }

  /** The processes that are alive, busy or idle. Each can be killed. */
  get processes(): FunctionProcess[] {
    return [...this.#processes].filter((each) => each.isAlive);
  }

  /**
   * @throws AwsError `ResourceNotFoundException`
   */
  configuration(functionName: string): FunctionConfiguration {
    const found = this.#functions.get(functionName);
    if (found) return found;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${functionArn(functionName)}`, 404);
  }

  /**
   * Invokes and waits for the result. A function's failure is a result, not an error.
   * @param signal ends the wait with its reason; the function runs on, as on AWS
   * @throws AwsError `ResourceNotFoundException`, `TooManyRequestsException`, `ServiceException` (host stopped)
   */
  async invoke({ signal, ...invocation }: Invocation & { signal?: AbortSignal }): Promise<InvocationResult> {
    signal?.throwIfAborted();
    return this.#collect(invocation, randomUUID(), signal);
  }

  async #collect(invocation: Invocation, requestId: string, signal?: AbortSignal): Promise<InvocationResult> {
    const chunks: Uint8Array[] = [];
    const { ended } = this.start(invocation, (bytes) => chunks.push(bytes), requestId);
    const error = await unlessAborted(ended, signal);
    const payload = Buffer.concat(chunks);
    if (error) return failed(requestId, error);
    if (payload.length > MAXIMUM_RESPONSE_IN_BYTES)
      return failed(requestId, {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAXIMUM_RESPONSE_IN_BYTES} bytes).`,
      });
    return { requestId, payload };
  }

  /**
   * Invokes without waiting. What fails or is throttled is tried again, as the function's configuration says.
   * @returns the request id
   * @throws AwsError `ResourceNotFoundException`, `ServiceException` (host stopped)
   */
  invokeEvent({ functionName, payload }: Invocation): string {
    this.#assertRunning();
    const { clock = realClock, sendToQueue, log } = this.#options;
    const event = { requestId: randomUUID(), configuration: this.configuration(functionName), payload };
    const { signal } = this.#stopping;
    const invoke = () => this.#collect({ functionName, payload }, event.requestId, signal);
    const processed = processEvent(event, { clock, invoke, sendToQueue, log }, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) log(functionName, `Event ${event.requestId} is lost: ${error}`);
      })
      .finally(() => this.#events.delete(processed));
    this.#events.add(processed);
    return event.requestId;
  }

  /** Resolves when no event is left that waits, is worked on or is to be tried again. */
  async idle(): Promise<void> {
    while (this.#events.size > 0) await Promise.all(this.#events);
  }

  /**
   * Starts an invocation and hands on its response in the chunks in which the function writes it.
   * @throws AwsError `ResourceNotFoundException`, `TooManyRequestsException`, `ServiceException` (host stopped)
   */
  start(
    { functionName, payload }: Invocation,
    onChunk: (bytes: Uint8Array) => void,
    requestId: string = randomUUID(),
  ): StartedInvocation {
    this.#assertRunning();
    const configuration = this.configuration(functionName);
    if (this.#isAtLimit(configuration)) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    const idle = this.processes.find(
      (each) => each.functionName === functionName && !each.requestId && this.#isCurrent(each),
    );
    const functionProcess = idle ?? this.#startProcess(configuration);
    return { requestId, ended: functionProcess.invoke(requestId, payload, onChunk) };
  }

  /** Kills every process with all it has started, and removes their folders. Nothing can be invoked any more. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The function host is stopped.'));
    const ending = [...this.#processes].map((each) => each.ended);
    for (const each of this.#processes) each.kill();
    await Promise.all([...ending, ...this.#events]);
    rmSync(this.#workFolder, { recursive: true, force: true });
  }

  #startProcess(configuration: FunctionConfiguration): FunctionProcess {
    const { issueCredentials, endpointUrl, log, idleTimeoutInSeconds = 300 } = this.#options;
    const functionProcess = new FunctionProcess({
      configuration,
      credentials: issueCredentials(configuration.functionName),
      endpointUrl: endpointUrl(),
      workFolder: this.#workFolder,
      idleTimeoutInSeconds,
      log,
    });
    this.#processes.add(functionProcess);
    functionProcess.ended.finally(() => this.#processes.delete(functionProcess));
    return functionProcess;
  }

  #isAtLimit({ functionName, concurrencyLimit = Number.POSITIVE_INFINITY }: FunctionConfiguration): boolean {
    const busy = this.processes.filter((each) => each.functionName === functionName && each.requestId);
    return busy.length >= (this.#limits.get(functionName) ?? concurrencyLimit);
  }

  #assertRunning(): void {
    if (this.#stopping.signal.aborted)
      throw new AwsError('ServiceException', 'The function host is stopped.', 500);
  }
}

function failed(requestId: string, error: FunctionErrorPayload): InvocationResult {
  return { requestId, payload: Buffer.from(JSON.stringify(error)), functionError: 'Unhandled' };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
  });
}
