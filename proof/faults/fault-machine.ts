import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { speculateFunctionName } from '@remotion/lambda/client';
import { AwsError, LOCAL_REGION } from '../../local/aws.ts';
import type { LocalStack } from '../../local/cloud-assembly/local-stack.ts';
import { readCloudAssembly } from '../../local/cloud-assembly/read-cloud-assembly.ts';
import { synthesizedApp } from '../../local/cloud-assembly/synthesize.ts';
import { withStacks } from '../../local/cloud-assembly/with-stacks.ts';
import { ConnectionReset, type GatewayCall, type Interceptor, startGateway } from '../../local/gateway.ts';
import { type DeliveryInterceptor, type OneMachine, startOneMachine } from '../../local/one-machine.ts';
import type { InvocationInterceptor } from '../../local/stepfunctions/invoke-as.ts';
import { ScriptedRemotion } from '../scripted-remotion/scripted-remotion.ts';
import { existingRemotion } from './existing-remotion.ts';
import type { FaultSource, ObservedCall } from './fault-kind.ts';
import type { FaultMeans } from './fault-means.ts';
import { functionNames } from './function-names.ts';
import { faultyAnswer } from './gateway-faults.ts';
import { INVOCATION_ID, InProcessFunctionHost } from './in-process-function-host.ts';
import { faultyInvocation } from './invocation-faults.ts';
import { observeCall, STEP_FUNCTIONS } from './observe-call.ts';
import { REQUEST_ID } from './open-requests.ts';
import { installVirtualTime, type VirtualTime } from './virtual-time.ts';

/** Any key that the gateway has not issued itself is the administrator's. */
const ADMINISTRATOR = { accessKeyId: 'faults', secretAccessKey: 'faults' };

export const REMOTION_BUCKET = 'remotionlambda-useast1-scripted';
/** Remotion's default, in seconds. */
const REMOTION_TIMEOUT = 120;
export const REMOTION_FUNCTION = speculateFunctionName({
  memorySizeInMb: 2048,
  diskSizeInMb: 2048,
  timeoutInSeconds: REMOTION_TIMEOUT,
});

/** What happens on the machine during a run. All of it can be exchanged between two runs. */
export interface Happenings {
  /** Asked about every call of the workflow; its answer happens to the call. */
  fault: FaultSource;
  /** Time that each call through the gateway takes, in milliseconds. */
  latency: () => number;
  stopExecution: () => void;
  repeatRequest: () => void;
  takeDestination: () => Promise<void>;
}

/** The real stack with its real functions and a scripted Remotion, in this process and on virtual time. */
export interface FaultMachine extends OneMachine {
  readonly stack: LocalStack;
  readonly stateMachineArn: string;
  readonly time: VirtualTime;
  readonly remotion: ScriptedRemotion;
  /** What a client of the administrator's needs. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: typeof ADMINISTRATOR;
  };
  /** As the administrator, to look at what was left. */
  readonly s3: S3Client;
  readonly eventBridge: EventBridgeClient;
  readonly happenings: Happenings;
  /** Loads functions anew of which more calls than these were made to fail; see `InProcessFunctionHost`. */
  retireFunctions(failures: number): void;
  /** Gives the functions that have this variable another value, as a deployment does. */
  setEnvironment(name: string, value: string): void;
  /** How many invocations of functions run, Remotion's included. */
  runningFunctions(): number;
}

export const NOTHING_HAPPENS: Happenings = {
  fault: () => undefined,
  latency: () => 20,
  stopExecution: () => {},
  repeatRequest: () => {},
  takeDestination: async () => {},
};

export interface FaultMachineOptions {
  /** Folder of the stack's cloud assembly. */
  readonly assembly: string;
  /** Folders of the cloud assemblies of further stacks, which run on the machine too. */
  readonly beside?: readonly string[];
  /** Gets what functions print and what goes wrong behind the services. */
  readonly log?: (source: string, line: string) => void;
  /** Invocations of each of the workflow's functions at once. @default no limit */
  readonly concurrencyLimit?: number;
  /** Whether functions print their metrics to this process's stdout. @default false */
  readonly printsMetrics?: boolean;
}

/**
 * The stack for a scripted Remotion, synthesized.
 *
 * @param settings Further context values.
 * @returns The folder of its cloud assembly.
 */
export function synthesizedForFaults(settings: Readonly<Record<string, string>> = {}): Promise<string> {
  return synthesizedApp({
    ...settings,
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    defaultServeUrl: 'https://example.com/site/index.html',
  });
}

/** Starts the synthesized stack. Puts this process on virtual time for good. */
export async function startFaultMachine(options: FaultMachineOptions): Promise<FaultMachine> {
  const gateway = await startGateway();
  const read = (directory: string) => readCloudAssembly(directory, { endpoint: gateway.endpoint });
  const stack = withStacks(read(options.assembly), (options.beside ?? []).map(read));
  const time = installVirtualTime();
  const happenings = { ...NOTHING_HAPPENS };
  let host: InProcessFunctionHost | undefined;
  let renders = 0;
  const clientConfig = { endpoint: gateway.endpoint, region: LOCAL_REGION };
  const remotion = new ScriptedRemotion({
    clock: time.clock,
    functionName: REMOTION_FUNCTION,
    timeoutInSeconds: REMOTION_TIMEOUT,
    clientConfig: () => ({ ...clientConfig, credentials: environmentCredentials() }),
    newRenderId: () => `r${String(renders++).padStart(9, '0')}`,
  });
  const nameOf = functionNames(stack);
  const machine = await startOneMachine({
    gateway,
    stack: withStacks(limited(stack, options.concurrencyLimit), [
      existingRemotion(REMOTION_FUNCTION, REMOTION_BUCKET, REMOTION_TIMEOUT),
    ]),
    log: options.log ?? (() => {}),
    clock: time.clock,
    // Time would never stand still.
    runsSchedules: false,
    newFunctionHost: (hostOptions) => {
      host = new InProcessFunctionHost(
        hostOptions,
        time.clock,
        { [REMOTION_FUNCTION]: remotion.handler },
        options.printsMetrics,
        (functionName, event) => functionName === REMOTION_FUNCTION && remotion.hasNoCapacityFor(event),
      );
      return host;
    },
    intercept: interceptor(happenings, time, nameOf, () => host as InProcessFunctionHost),
    interceptInvocation: invocationInterceptor(happenings, time, nameOf),
    interceptDelivery: deliveryInterceptor(happenings, nameOf),
  });
  const administrator = { ...clientConfig, credentials: ADMINISTRATOR };
  const s3 = new S3Client(administrator);
  // Reads the configuration files of all the clients that were loaded before time was virtual.
  await s3.config.maxAttempts();
  const stateMachineArn = stack.outputs.StateMachineArn ?? '';
  return {
    ...machine,
    stack,
    stateMachineArn,
    time,
    remotion,
    clientConfig: administrator,
    s3,
    eventBridge: new EventBridgeClient(administrator),
    happenings,
    retireFunctions: (failures) => host?.retire(failures),
    setEnvironment: (name, value) => host?.setEnvironment(name, value),
    runningFunctions: () => host?.runningCount ?? 0,
  };
}

function limited(stack: LocalStack, concurrencyLimit: number | undefined): LocalStack {
  if (concurrencyLimit === undefined) return stack;
  const functions = stack.functions.map((each) => ({
    ...each,
    reservedConcurrentExecutions: concurrencyLimit,
  }));
  return { ...stack, functions };
}

function environmentCredentials() {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
}

function interceptor(
  happenings: Happenings,
  time: VirtualTime,
  nameOf: (roleArn: string) => string,
  host: () => InProcessFunctionHost,
): Interceptor {
  return async (call: GatewayCall, handle) => {
    const { principal, headers } = call.request;
    if (principal.kind !== 'role') return handle();
    const observed = observeCall(call, nameOf(principal.roleArn), REMOTION_BUCKET);
    const { stopExecution, repeatRequest, takeDestination } = happenings;
    // A state machine's own call.
    if (observed?.caller === STEP_FUNCTIONS) {
      const kind = happenings.fault(observed);
      const wait = (milliseconds: number) => time.clock.sleep(milliseconds);
      const killCaller = () => {};
      const means: FaultMeans = {
        next: handle,
        wait,
        killCaller,
        stopExecution,
        repeatRequest,
        takeDestination,
      };
      return kind ? faultyAnswer(kind, observed, means) : handle();
    }
    const invocationId = headers[INVOCATION_ID];
    // A pipe's, or the API's.
    if (invocationId === undefined) return handle();
    const requestId = headers[REQUEST_ID];
    // What a function takes while its caller waits is on the clock.
    const next = () => (call.service === 'lambda' ? time.waitInRequest(requestId, handle) : handle());
    const wait = (milliseconds: number) =>
      time.waitInRequest(requestId, () => time.clock.sleep(milliseconds));
    if (!host().isRunning(invocationId)) throw new ConnectionReset();
    await wait(happenings.latency());
    const kind = observed && happenings.fault(observed);
    if (kind) host().countFailure(invocationId);
    const killCaller = () => host().kill(invocationId);
    const means: FaultMeans = { next, wait, killCaller, stopExecution, repeatRequest, takeDestination };
    return kind ? faultyAnswer(kind, observed as ObservedCall, means) : next();
  };
}

function invocationInterceptor(
  happenings: Happenings,
  { clock }: VirtualTime,
  nameOf: (arnOrName: string) => string,
): InvocationInterceptor {
  return async ({ functionName }, next) => {
    const name = nameOf(functionName);
    const kind = happenings.fault({ caller: STEP_FUNCTIONS, name, way: 'invocation' });
    if (!kind) return next();
    const { stopExecution, repeatRequest, takeDestination } = happenings;
    return faultyInvocation(kind, {
      next,
      wait: (ms) => clock.sleep(ms),
      stopExecution,
      repeatRequest,
      takeDestination,
    });
  };
}

function deliveryInterceptor(
  happenings: Happenings,
  nameOf: (arnOrName: string) => string,
): DeliveryInterceptor {
  return async ({ target }, next) => {
    const name = target.arn.includes(':stateMachine:') ? 'StartExecution' : nameOf(target.arn);
    const kind = happenings.fault({ caller: 'EventBridge', name, way: 'delivery' });
    if (!kind) return next();
    if (kind === 'throttled') throw new AwsError('ThrottlingException', 'Injected: throttled', 429);
    if (kind === 'access-denied') throw new AwsError('AccessDeniedException', 'Injected: denied', 403);
    if (kind === 'error-after') await next();
    throw new AwsError('InternalFailure', 'Injected: internal failure', 500);
  };
}
