import { randomUUID } from 'node:crypto';
import { AwsError, LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import {
  type Engine,
  type EngineOptions,
  Execution,
  type PartOfMapRun,
  type StateMachine,
} from './execution.ts';
import { byteLength, MAX_DATA_BYTES } from './json.ts';
import { loadDefinition } from './load-definition.ts';
import { MapRuns } from './map-runs.ts';
import { checkExecutionName } from './name-rules.ts';
import { type ExecutionStatusChange, executionStatusChange } from './status-change.ts';
import type { TaskServices } from './task-services.ts';
import { TaskTokens } from './task-tokens.ts';

export interface NewStateMachine {
  readonly name: string;
  /** JSON in the Amazon States Language, its references resolved. */
  readonly definition: string;
  readonly roleArn: string;
  /** Of the customer's key that executions are encrypted with. Nothing is encrypted here. */
  readonly keyArn?: string;
}

export interface StartExecutionInput {
  readonly stateMachineArn: string;
  /** A UUID if absent. */
  readonly name?: string;
  /** JSON text; `{}` if absent. */
  readonly input?: string;
}

const notGiven = (service: string) => () => Promise.reject(new Error(`there is no ${service} here`));

/** In place of services that an engine is not given. */
const NO_SERVICES: Omit<TaskServices, 'executionEnded'> = {
  invokeLambda: notGiven('Lambda'),
  putEvents: notGiven('EventBridge'),
  callStepFunctions: notGiven('Step Functions'),
  getObject: notGiven('S3'),
  putObject: notGiven('S3'),
  authorize() {},
};

/** State machines and their executions, in memory. */
export class StepFunctions {
  /** Of the tasks that wait for an answer. */
  readonly taskTokens = new TaskTokens();
  readonly mapRuns: MapRuns;
  readonly #options: Engine;
  readonly #machines = new Map<string, StateMachine>();
  readonly #executions = new Map<string, Execution>();
  readonly #listeners = new Set<(change: ExecutionStatusChange) => void>();

  constructor(options: EngineOptions) {
    this.#options = {
      random: Math.random,
      uuid: randomUUID,
      ...options,
      services: {
        ...NO_SERVICES,
        executionEnded: (executionArn) => this.execution(executionArn).ended,
        ...options.services,
      },
      taskTokens: this.taskTokens,
      startMapRun: (machine, request) => this.mapRuns.start(machine, request),
      onChange: (execution) => this.#notify(execution),
    };
    this.mapRuns = new MapRuns(this.#options, (...child) => this.#start(...child));
  }

  /**
   * Adds a state machine, or puts it in the place of the one of its name: executions that run keep that one's
   * definition and role. Throws UnsupportedDefinition, naming what the engine does not run.
   * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
   */
  addStateMachine({ name, definition, roleArn, keyArn }: NewStateMachine): StateMachine {
    const machine: StateMachine = {
      arn: `arn:aws:states:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:stateMachine:${name}`,
      name,
      roleArn,
      ...(keyArn !== undefined && { keyArn }),
      definitionText: definition,
      definition: loadDefinition(JSON.parse(definition)),
      creationDate: this.#options.clock.now(),
    };
    this.#machines.set(machine.arn, machine);
    return machine;
  }

  /**
   * Starts an execution, or gives the one that runs under the same name with the same input. Throws AwsError:
   * `StateMachineDoesNotExist`, `InvalidArn`, `InvalidName`, `ValidationException`, `InvalidExecutionInput`,
   * `ExecutionAlreadyExists`.
   */
  startExecution({ stateMachineArn, name, input = '{}' }: StartExecutionInput): Execution {
    const machine = this.stateMachine(stateMachineArn);
    const executionName = name ?? this.#options.uuid();
    checkExecutionName(executionName);
    checkInput(input);
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${executionName}`;
    const existing = this.#executions.get(arn);
    if (existing) {
      if (existing.status === 'RUNNING' && existing.inputText === input) return existing;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    return this.#start(machine, executionName, input);
  }

  #start(machine: StateMachine, name: string, input: string, partOf?: PartOfMapRun): Execution {
    const execution = new Execution(machine, name, input, this.#options, partOf);
    this.#executions.set(execution.arn, execution);
    execution.start();
    return execution;
  }

  #notify(execution: Execution): void {
    if (this.#listeners.size === 0) return;
    const change = executionStatusChange(execution);
    for (const listener of this.#listeners) listener(change);
  }

  /**
   * Redrives an execution and gives the time of that in milliseconds since 1970; for a client token that has
   * redriven it before, the time of then. Throws AwsError: `InvalidArn`, `ExecutionDoesNotExist`,
   * `ValidationException`, `ExecutionNotRedrivable`. A part of a Map Run is redriven by that run.
   */
  redriveExecution(executionArn: string, clientToken?: string): number {
    const execution = this.execution(executionArn);
    if (execution.partOf) {
      throw new AwsError('ValidationException', 'Labeled Execution ARNs are not supported for this API');
    }
    const now = this.#options.clock.now();
    const before = clientToken === undefined ? undefined : execution.redriveTokens.find(clientToken, now);
    if (before !== undefined) return before;
    const reason = execution.notRedrivableReason;
    if (reason !== undefined) throw new AwsError('ExecutionNotRedrivable', reason);
    if (clientToken !== undefined) execution.redriveTokens.add(clientToken, now);
    execution.redrive();
    return now;
  }

  /** Calls the listener, which must not throw, with every change of a status; the answer takes it off again. */
  onStatusChange(listener: (change: ExecutionStatusChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Throws AwsError `InvalidArn` or `StateMachineDoesNotExist`. */
  stateMachine(arn: string): StateMachine {
    checkArn(arn, 'stateMachine');
    const machine = this.#machines.get(arn);
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  /** Throws AwsError `InvalidArn` or `ExecutionDoesNotExist`. */
  execution(arn: string): Execution {
    checkArn(arn, 'execution');
    const execution = this.#executions.get(arn);
    if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  get stateMachines(): readonly StateMachine[] {
    return [...this.#machines.values()];
  }

  /** In the order in which they were started, with those that are parts of Map Runs. */
  get executions(): readonly Execution[] {
    return [...this.#executions.values()];
  }
}

function checkArn(arn: string, kind: 'stateMachine' | 'execution'): void {
  const names = kind === 'execution' ? 2 : 1;
  const pattern = new RegExp(`^arn:aws:states:[a-z0-9-]+:\\d{12}:${kind}(:[^:]+){${names}}$`);
  if (!pattern.test(arn)) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
}

function checkInput(input: string): void {
  if (byteLength(input) > MAX_DATA_BYTES) {
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value at 'input' failed to satisfy constraint: " +
        `Member must have length less than or equal to ${MAX_DATA_BYTES}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}
