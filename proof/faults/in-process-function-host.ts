import asyncHooks, { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AwsError } from '../../local/aws.ts';
import type { VirtualClock } from '../../local/clock.ts';
import { type FunctionConfiguration, functionArn } from '../../local/lambda/function-configuration.ts';
import { functionEnvironment } from '../../local/lambda/function-environment.ts';
import {
  FunctionHost,
  type FunctionHostOptions,
  type Invocation,
  type StartedInvocation,
} from '../../local/lambda/function-host.ts';
import type { FunctionErrorPayload } from '../../local/lambda/process-messages.ts';
import { markRequests } from './mark-requests.ts';
import { replaceRandom } from './virtual-time.ts';

/** Header that every request made in an invocation gets: the invocation's request id. */
export const INVOCATION_ID = 'x-in-process-invocation';

export interface FunctionContext {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

export type InProcessHandler = (event: unknown, context: FunctionContext) => Promise<unknown>;

/** What a function process is elsewhere: one copy of the function's code, for one invocation at a time. */
interface Instance {
  readonly handler: InProcessHandler;
  readonly environment: Readonly<Record<string, string>>;
  /** How many of its calls were made to fail. */
  failures: number;
}

interface Running {
  readonly requestId: string;
  readonly functionName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly end: (error: FunctionErrorPayload) => void;
  instance?: Instance;
}

/** Spares each ended invocation an exception with a stack. */
const OVER = new Error('The invocation is over.');

/** The invocation, or the loading instance, that the code runs for. */
const current = new AsyncLocalStorage<Pick<Running, 'environment'> & Partial<Running>>();

type IsThrottled = (functionName: string, event: unknown) => boolean;

/**
 * Runs the bundled functions inside this process, on virtual time, so that hundreds run at once and a run can be
 * repeated exactly. The code of a function is the unmodified bundle; each copy sees an environment of its own.
 */
export class InProcessFunctionHost extends FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #clock: VirtualClock;
  readonly #handlers: Readonly<Record<string, InProcessHandler>>;
  readonly #printsMetrics: boolean;
  readonly #isThrottled: IsThrottled;
  readonly #idle = new Map<string, Instance[]>();
  readonly #running = new Map<string, Running>();
  readonly #changed: Record<string, string> = {};
  #copies = 0;

  /**
   * @param handlers functions without a bundle, by name
   * @param printsMetrics whether functions print their metrics to this process's stdout
   * @param isThrottled whether Lambda has no capacity for an invocation, beside the functions' own limits
   */
  constructor(
    options: FunctionHostOptions,
    clock: VirtualClock,
    handlers: Readonly<Record<string, InProcessHandler>>,
    printsMetrics = false,
    isThrottled: IsThrottled = () => false,
  ) {
    super(options);
    this.#options = options;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#printsMetrics = printsMetrics;
    this.#isThrottled = isThrottled;
    separateEnvironments();
  }

  override start(
    { functionName, payload }: Invocation,
    onChunk: (bytes: Uint8Array) => void,
    requestId: string = randomUUID(),
  ): StartedInvocation {
    const configuration = this.configuration(functionName);
    const { concurrencyLimit = Number.POSITIVE_INFINITY } = configuration;
    const busy = [...this.#running.values()].filter((each) => each.functionName === functionName);
    if (busy.length >= concurrencyLimit || this.#isThrottled(functionName, JSON.parse(payload)))
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    return { requestId, ended: this.#run(configuration, requestId, payload, onChunk) };
  }

  /** How many invocations run. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Whether the invocation still runs: what a killed or timed-out function does has no effect any more. */
  isRunning(requestId: string): boolean {
    return this.#running.has(requestId);
  }

  /** To be told of a call of the invocation that was made to fail. */
  countFailure(requestId: string): void {
    const instance = this.#running.get(requestId)?.instance;
    if (instance) instance.failures += 1;
  }

  /**
   * Lets instances go of which more calls than these were made to fail. The SDK's clients have a budget of
   * retries, and what happens in one run must not depend on those before it.
   */
  retire(failures: number): void {
    for (const [name, instances] of this.#idle)
      this.#idle.set(
        name,
        instances.filter((instance) => instance.failures <= failures),
      );
  }

  /** Gives the functions that have this variable another value. Invocations that run keep theirs. */
  setEnvironment(name: string, value: string): void {
    this.#changed[name] = value;
  }

  /** Ends an invocation as if its process had been killed. */
  kill(requestId: string): void {
    this.#running.get(requestId)?.end({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
    });
  }

  async #run(
    configuration: FunctionConfiguration,
    requestId: string,
    payload: string,
    onChunk: (bytes: Uint8Array) => void,
  ): Promise<FunctionErrorPayload | undefined> {
    const { functionName, timeoutInSeconds } = configuration;
    const ended = Promise.withResolvers<FunctionErrorPayload | undefined>();
    const loading: Running = { requestId, functionName, environment: {}, end: ended.resolve };
    this.#running.set(requestId, loading);
    const instance = await this.#instanceOf(configuration);
    const running: Running = { ...loading, environment: instance.environment, instance };
    this.#running.set(requestId, running);
    const over = new AbortController();
    const deadline = this.#clock.now() + timeoutInSeconds * 1000;
    this.#clock.sleep(timeoutInSeconds * 1000, over.signal).then(
      () =>
        ended.resolve({
          errorType: 'Sandbox.Timedout',
          errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutInSeconds.toFixed(2)} seconds`,
        }),
      () => {},
    );
    const context = {
      awsRequestId: requestId,
      invokedFunctionArn: functionArn(functionName),
      getRemainingTimeInMillis: () => Math.max(0, deadline - this.#clock.now()),
    };
    current
      .run(running, async () => instance.handler(JSON.parse(payload), context))
      .then(
        (result) => {
          if (this.isRunning(requestId)) onChunk(Buffer.from(JSON.stringify(result) ?? 'null'));
          ended.resolve(undefined);
        },
        (error: unknown) => ended.resolve(describe(error)),
      );
    const error = await ended.promise;
    over.abort(OVER);
    this.#running.delete(requestId);
    this.#idle.get(functionName)?.push(instance);
    return error;
  }

  async #instanceOf(configuration: FunctionConfiguration): Promise<Instance> {
    const { functionName, folder, handler } = configuration;
    const idle = this.#idle.get(functionName) ?? [];
    this.#idle.set(functionName, idle);
    const isCurrent = ({ environment }: Pick<Instance, 'environment'>) =>
      Object.entries(this.#changed).every(([name, value]) => (environment[name] ?? value) === value);
    for (let found = idle.pop(); found; found = idle.pop()) if (isCurrent(found)) return found;
    const configured = functionEnvironment(
      configuration,
      this.#options.issueCredentials(functionName),
      this.#options.endpointUrl(),
      folder,
    );
    const changed = Object.entries(this.#changed).filter(([name]) => name in configured);
    const environment = {
      ...configured,
      ...Object.fromEntries(changed),
      // The tracer patches the process's HTTP client, which all functions have in common here.
      POWERTOOLS_TRACE_ENABLED: 'false',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: String(!this.#printsMetrics),
    };
    const inProcess = this.#handlers[functionName];
    if (inProcess) return { handler: inProcess, environment, failures: Number.NEGATIVE_INFINITY };
    const [file, name = ''] = handler.split('.');
    const url = `${pathToFileURL(join(folder, `${file}.mjs`)).href}?copy=${this.#copies++}`;
    const module = await this.#clock.holdDuring(() => loadWith(environment, url));
    return { handler: module[name] as InProcessHandler, environment, failures: 0 };
  }
}

/** What the code of a module finds in `process.env` while it loads. One module loads at a time. */
let loadingEnvironment: Readonly<Record<string, string>> | undefined;
let lastLoad: Promise<unknown> = Promise.resolve();

function loadWith(
  environment: Readonly<Record<string, string>>,
  url: string,
): Promise<Record<string, unknown>> {
  const load = lastLoad.then(async () => {
    loadingEnvironment = environment;
    // What happens in a run must not depend on whether it had to load a function.
    const random = replaceRandom(() => 0.5);
    try {
      return await import(url);
    } finally {
      loadingEnvironment = undefined;
      replaceRandom(random);
    }
  });
  lastLoad = load.catch(() => {});
  return load;
}

function describe(error: unknown): FunctionErrorPayload {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

const noHook: asyncHooks.AsyncHook = { enable: () => noHook, disable: () => noHook };
let separated = false;

/** Lets every invocation see its function's `process.env`, and marks its requests. */
function separateEnvironments(): void {
  if (separated) return;
  separated = true;
  const own = process.env;
  const seen = () => (current.getStore()?.environment ?? loadingEnvironment ?? own) as NodeJS.ProcessEnv;
  process.env = new Proxy(own, {
    get: (_, name) => Reflect.get(seen(), name),
    has: (_, name) => Reflect.has(seen(), name),
    set: (_, name, value) => Reflect.set(seen(), name, value),
    deleteProperty: (_, name) => Reflect.deleteProperty(seen(), name),
    ownKeys: () => Reflect.ownKeys(seen()),
    getOwnPropertyDescriptor: (_, name) => {
      const value = Reflect.get(seen(), name);
      return value === undefined
        ? undefined
        : { value, writable: true, enumerable: true, configurable: true };
    },
  });
  // The tracer follows all asynchronous work by a hook, each copy of a function by its own; nothing is traced here.
  asyncHooks.createHook = () => noHook;
  syncBuiltinESMExports();
  markRequests(INVOCATION_ID, () => current.getStore()?.requestId);
}
