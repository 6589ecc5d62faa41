import { isDeepStrictEqual } from 'node:util';
import { createApiGatewayService } from './api-gateway/api-gateway-service.ts';
import type { Clock, LoggedCall } from './aws.ts';
import { realClock } from './clock.ts';
import type { LocalStack } from './cloud-assembly/local-stack.ts';
import type { StackUpdate } from './cloud-assembly/read-update.ts';
import { CustomResources } from './cloudformation/custom-resources.ts';
import { createCloudFrontService } from './cloudfront/cloudfront-service.ts';
import { callTarget } from './eventbridge/call-target.ts';
import type { Delivery } from './eventbridge/event-delivery.ts';
import { createEventBridgeService } from './eventbridge/eventbridge-service.ts';
import type { Gateway, Interceptor } from './gateway.ts';
import { AccessControl } from './iam/access-control.ts';
import { createIamService } from './iam/iam-service.ts';
import { type FunctionConfiguration, functionArn } from './lambda/function-configuration.ts';
import { FunctionHost, type FunctionHostOptions } from './lambda/function-host.ts';
import { LambdaService } from './lambda/lambda-service.ts';
import { createPipesService } from './pipes/pipes-service.ts';
import { startPipe } from './pipes/start-pipe.ts';
import { createFauxqsBackend } from './s3/fauxqs-backend.ts';
import { resourcePoliciesOf } from './s3/public-access.ts';
import { createS3Service } from './s3/s3-service.ts';
import { createSqsService } from './sqs/sqs-service.ts';
import { type InvocationInterceptor, invokeAs } from './stepfunctions/invoke-as.ts';
import { machineRole } from './stepfunctions/machine-role.ts';
import { objectsAs } from './stepfunctions/objects-as.ts';
import { putEventsAs } from './stepfunctions/put-events-as.ts';
import { StepFunctionsService } from './stepfunctions/service.ts';
import { StepFunctions } from './stepfunctions/step-functions.ts';
import { stepFunctionsAs } from './stepfunctions/step-functions-as.ts';
import { createStsService } from './sts/sts-service.ts';

export interface OneMachineOptions {
  /** The endpoint of all services, already listening. */
  readonly gateway: Gateway;
  readonly stack: LocalStack;
  /** How Remotion's own function runs here. @default it does not: nothing invokes it */
  readonly remotionFunction?: (configuration: FunctionConfiguration) => FunctionConfiguration;
  /** Gets what functions print and what goes wrong behind the services, a line at a time. */
  readonly log: (source: string, line: string) => void;
  readonly intercept?: Interceptor;
  /** Stands between the state machines and their functions. */
  readonly interceptInvocation?: InvocationInterceptor;
  /** Stands between the rules and their targets. */
  readonly interceptDelivery?: DeliveryInterceptor;
  /** Of the state machines, EventBridge and the retries of events. @default the machine's own time */
  readonly clock?: Clock;
  /** Whether time alone makes rules with a schedule send events. @default true */
  readonly runsSchedules?: boolean;
  /** @default a host that runs each function in a process of its own */
  readonly newFunctionHost?: (options: FunctionHostOptions) => FunctionHost;
}

/** Called for each attempt to call a rule's target: may throw an AwsError, or call `next`. */
export type DeliveryInterceptor = (delivery: Delivery, next: () => Promise<void>) => Promise<void>;

/** A synthesized stack that runs on this machine. */
export interface OneMachine {
  /** This machine's IAM. */
  readonly access: AccessControl;
  /** Every call that IAM decided, in order. */
  readonly calls: readonly LoggedCall[];
  readonly functions: FunctionHost;
  readonly stepFunctions: StepFunctions;
  readonly customResources: CustomResources;
  /** Has the custom resources of the stack made, such as its sites. */
  deploy(): Promise<void>;
  /** Changes the stack, as CloudFormation does. What runs goes on. */
  update(update: StackUpdate): Promise<void>;
  /** Sends the event of every rule with a schedule, as time would. */
  runSchedules(): void;
  /** Stops the functions with all that they have started, and closes the endpoint. Once, however often called. */
  stop(): Promise<void>;
}

/** Runs a stack: its functions, state machines, rules, buckets and queues behind the gateway. */
export async function startOneMachine(options: OneMachineOptions): Promise<OneMachine> {
  const { gateway, stack, remotionFunction = (fn) => fn, log, clock = realClock } = options;
  const policiesOf = (of: LocalStack) => ({ roles: of.roles, resourcePolicies: resourcePoliciesOf(of) });
  const access = new AccessControl(policiesOf(stack));
  let current = stack;
  const roleOf = (functionName: string) =>
    current.functions.find(({ name }) => name === functionName)?.roleArn ?? '';
  const assumeRoleOf = (functionName: string) =>
    access.assumeRole(roleOf(functionName), {
      kind: 'service',
      service: 'lambda.amazonaws.com',
      sourceArn: functionArn(functionName),
    });
  const newFunctionHost = options.newFunctionHost ?? ((host) => new FunctionHost(host));
  const configurationsOf = ({ functions }: LocalStack) =>
    functions.map((fn) => (fn.isRemotions ? remotionFunction(toConfiguration(fn)) : toConfiguration(fn)));
  const functions = newFunctionHost({
    functions: configurationsOf(stack),
    issueCredentials: (name) => {
      assumeRoleOf(name);
      return access.issueCredentials(roleOf(name));
    },
    endpointUrl: () => gateway.endpoint,
    log,
    clock,
    sendToQueue(name, queueArn, body, attributes) {
      access.authorize(assumeRoleOf(name), { action: 'sqs:SendMessage', resource: queueArn });
      return sqs.sendMessage(queueArn, body, attributes);
    },
  });
  const stepFunctions = new StepFunctions({
    clock,
    services: {
      invokeLambda: invokeAs(access, functions, options.interceptInvocation),
      putEvents: putEventsAs(access, () => eventBridge, options.intercept),
      callStepFunctions: stepFunctionsAs(access, () => states, options.intercept),
      ...objectsAs(access, () => s3, options.intercept),
      authorize: (caller, asked) => access.authorize(machineRole(access, caller), asked),
    },
  });
  for (const machine of stack.stateMachines) stepFunctions.addStateMachine(machine);

  const backend = createFauxqsBackend();
  const s3 = await createS3Service({
    backend,
    access,
    buckets: stack.buckets,
    policies: stack.resourcePolicies,
  });
  const sqs = await createSqsService({ backend, queues: stack.queues });
  const eventBridge = createEventBridgeService({
    access,
    sqs,
    clock,
    busNames: stack.eventBuses,
    rules: stack.eventRules,
    ...(options.runsSchedules !== undefined && { runsSchedules: options.runsSchedules }),
    deliver: intercepted(options.interceptDelivery, callTarget(stepFunctions, functions, sqs)),
    onLost: (message) => log('EventBridge', message),
  });
  stepFunctions.onStatusChange((change) =>
    eventBridge.publish({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [change.executionArn],
      detail: { ...change },
    }),
  );
  const states = new StepFunctionsService(stepFunctions);
  gateway.serve({
    access,
    services: [
      s3,
      sqs,
      eventBridge,
      new LambdaService(functions, stack.functions),
      states,
      createStsService(),
      createIamService(access),
      createPipesService(stack.pipes),
      createCloudFrontService({ distributions: stack.distributions, access, s3 }),
      createApiGatewayService({ apis: stack.restApis, access, services: [states] }),
    ],
    ...(options.intercept && { intercept: options.intercept }),
  });
  const pipes = stack.pipes.map((pipe) =>
    startPipe(pipe, { access, sqs, stepFunctions: states, onError: (message) => log('Pipes', message) }),
  );
  const customResources = new CustomResources({ gateway, functions, stackName: stack.name });
  function become(next: LocalStack): void {
    access.update(policiesOf(next));
    functions.update(configurationsOf(next));
    for (const machine of next.stateMachines)
      if (!current.stateMachines.some((each) => isDeepStrictEqual(each, machine)))
        stepFunctions.addStateMachine(machine);
    current = next;
  }
  async function stop(): Promise<void> {
    await Promise.all(pipes.map((pipe) => pipe.stop()));
    eventBridge.stop();
    await functions.stop();
    await gateway.stop();
    await backend.stop();
  }
  let stopped: Promise<void> | undefined;
  return {
    access,
    calls: access.calls,
    functions,
    stepFunctions,
    customResources,
    async deploy() {
      for (const resource of stack.customResources) await customResources.create(resource);
    },
    async update({ created, changed, final, toCreate, toDelete }) {
      become(created);
      for (const resource of toCreate) await customResources.create(resource);
      become(changed);
      for (const resource of toDelete) await customResources.delete(resource);
      become(final);
    },
    runSchedules: () => eventBridge.runSchedules(),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function intercepted(
  intercept: DeliveryInterceptor | undefined,
  deliver: (delivery: Delivery) => Promise<void>,
): (delivery: Delivery) => Promise<void> {
  if (!intercept) return deliver;
  return (delivery) => intercept(delivery, () => deliver(delivery));
}

function toConfiguration(fn: LocalStack['functions'][number]): FunctionConfiguration {
  return {
    functionName: fn.name,
    folder: fn.codeDir,
    handler: fn.handler,
    environment: fn.environment,
    timeoutInSeconds: fn.timeoutInSeconds,
    memoryInMegabytes: fn.memorySizeInMb,
    concurrencyLimit: fn.reservedConcurrentExecutions,
    maximumRetryAttempts: fn.maximumRetryAttempts,
    maximumEventAgeInSeconds: fn.maximumEventAgeInSeconds,
    onFailureQueueArn: fn.onFailureQueueArn,
    deadLetterQueueArn: fn.deadLetterQueueArn,
  };
}
