import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type FunctionConfiguration, functionArn } from './function-configuration.ts';
import { functionEnvironment, type ProcessCredentials } from './function-environment.ts';
import type { FunctionErrorPayload, InvokeMessage, ProcessMessage } from './process-messages.ts';
import { sandboxFlags } from './sandbox-flags.ts';

/** `.ts`, or `.js` in the built package. */
const RUNTIME = join(import.meta.dirname, `function-runtime${extname(import.meta.filename)}`);

/** Lambda gives a function 10 seconds to load; several browsers on two cores may keep it waiting for longer. */
const INIT_TIMEOUT_IN_SECONDS = 60;

export interface FunctionProcessOptions {
  readonly configuration: FunctionConfiguration;
  readonly credentials: ProcessCredentials;
  readonly endpointUrl: string;
  /** In it the process gets a folder of its own, the only one it may write. */
  readonly workFolder: string;
  /** It ends when it has been idle for so long. */
  readonly idleTimeoutInSeconds: number;
  readonly log: (functionName: string, line: string) => void;
}

/** One process of one function: it runs one invocation at a time and stays for the next. */
export class FunctionProcess {
  readonly configuration: FunctionConfiguration;
  readonly functionName: string;
  /** Resolves when the process and those it started are ended and its folder is removed. */
  readonly ended: Promise<void>;
  readonly #timeoutInSeconds: number;
  readonly #child: ChildProcess;
  /** The error that kept the handler from loading. */
  readonly #initialized: Promise<FunctionErrorPayload | undefined>;
  readonly #idleTimeoutInSeconds: number;
  readonly #log: FunctionProcessOptions['log'];
  #idleTimer: NodeJS.Timeout | undefined;
  #requestId: string | undefined;
  #isAlive = true;

  constructor(options: FunctionProcessOptions) {
    const { configuration, credentials, endpointUrl, workFolder, log } = options;
    this.#idleTimeoutInSeconds = options.idleTimeoutInSeconds;
    this.#log = log;
    this.configuration = configuration;
    this.functionName = configuration.functionName;
    this.#timeoutInSeconds = configuration.timeoutInSeconds;
    const folder = mkdtempSync(join(realpathSync(workFolder), `${this.functionName}-`));
    this.#child = spawn(
      process.execPath,
      [...sandboxFlags(folder), `--max-old-space-size=${configuration.memoryInMegabytes}`, RUNTIME],
      {
        cwd: configuration.folder,
        env: functionEnvironment(configuration, credentials, endpointUrl, folder),
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        serialization: 'advanced',
        // The leader of a process group, so that kill() ends what the function has started as well.
        detached: true,
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr] as Readable[])
      createInterface({ input: stream }).on('line', (line) => log(this.functionName, line));

    this.#child.once('error', (error) => log(this.functionName, String(error)));
    this.#child.once('exit', () => this.kill());
    this.ended = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#isAlive = false;
        const removed = rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
        resolve(removed.catch((error) => log(this.functionName, `${folder} is left behind: ${error}`)));
      });
    });
    this.#initialized = this.#nextEnd(INIT_TIMEOUT_IN_SECONDS, () => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The request it works on; `undefined` when idle. */
  get requestId(): string | undefined {
    return this.#requestId;
  }

  /** False once its end has begun: it takes no further invocation. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /**
   * Runs one invocation, after the handler has loaded. The process must be idle and alive.
   * @param payload JSON text
   * @returns the error that the invocation ended in, if any
   */
  async invoke(
    requestId: string,
    payload: string,
    onChunk: (bytes: Uint8Array) => void,
  ): Promise<FunctionErrorPayload | undefined> {
    clearTimeout(this.#idleTimer);
    this.#requestId = requestId;
    const initError = await this.#initialized;
    if (initError) return initError;
    const end = this.#nextEnd(this.#timeoutInSeconds, onChunk);
    const message: InvokeMessage = {
      requestId,
      functionArn: functionArn(this.functionName),
      payload,
      deadline: Date.now() + this.#timeoutInSeconds * 1000,
      traceId: newTraceId(),
    };
    // A process that has just died cannot be written to; its end is reported as such.
    this.#child.send(message, () => {});
    const error = await end;
    this.#requestId = undefined;
    this.#idleTimer = setTimeout(() => this.kill(), this.#idleTimeoutInSeconds * 1000).unref();
    return error;
  }

  /** Ends the process and all it has started, at once; the request it works on ends in `Runtime.ExitError`. */
  kill(): void {
    clearTimeout(this.#idleTimer);
    if (!this.#isAlive || this.pid === undefined) return;
    this.#isAlive = false;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      // Nobody is left; macOS says EPERM where only ended processes are.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  /** Waits for the message, exit or time-out that ends the initialization or the current invocation. */
  #nextEnd(timeoutInSeconds: number, onChunk: (bytes: Uint8Array) => void) {
    return new Promise<FunctionErrorPayload | undefined>((resolve) => {
      const end = (error?: FunctionErrorPayload) => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        this.#child.off('close', onClose);
        resolve(error);
      };
      const failure = (errorType: string, reason: string) => {
        const errorMessage = `RequestId: ${this.#requestId} Error: ${reason}`;
        this.#log(this.functionName, errorMessage);
        end({ errorType, errorMessage });
      };
      const onMessage = (message: ProcessMessage) => {
        if (message.type === 'chunk') return onChunk(message.bytes);
        if (message.type === 'died') this.kill();
        end('error' in message ? message.error : undefined);
      };
      const onClose = (code: number | null, signal: string | null) =>
        failure('Runtime.ExitError', exitReason(code, signal));
      const timer = setTimeout(() => {
        failure('Sandbox.Timedout', `Task timed out after ${timeoutInSeconds.toFixed(2)} seconds`);
        this.kill();
      }, timeoutInSeconds * 1000);
      this.#child.on('message', onMessage);
      this.#child.on('close', onClose);
    });
  }
}

function exitReason(code: number | null, signal: string | null): string {
  if (signal) return `Runtime exited with error: signal: ${SIGNAL_TEXTS[signal] ?? signal}`;
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code}`;
}

const SIGNAL_TEXTS: Record<string, string> = { SIGKILL: 'killed', SIGABRT: 'aborted', SIGTERM: 'terminated' };

/** Not sampled: no segment is sent to an X-Ray daemon. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
