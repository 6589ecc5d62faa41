import type { Clock } from '../aws.ts';
import { ClientTokens } from './client-tokens.ts';
import type { Definition } from './definition.ts';
import { History, type HistoryEvent } from './history.ts';
import type { Json } from './json.ts';
import { jsonataFunctions } from './jsonata-functions.ts';
import type { MapRun } from './map-run.ts';
import { redrivePosition, whyNotRedrivable } from './redrivability.ts';
import { type Branch, type MapRunRequest, Run } from './run.ts';
import { abortedEventTypes } from './run-concurrently.ts';
import { runStates } from './run-states.ts';
import { StateFailure } from './state-failure.ts';
import type { TaskServices } from './task-services.ts';
import type { TaskTokens } from './task-tokens.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** A state machine that executions can be started of. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** Of the customer's key that its executions are encrypted with, as far as AWS lets others see it. */
  readonly keyArn?: string;
  /** As it was given; `definition` is the same, checked. */
  readonly definitionText: string;
  readonly definition: Definition;
  /** Of a Map whose items run as executions: what they run, under the name of the machine with the Map. */
  readonly label?: string;
  /** Milliseconds since 1970. */
  readonly creationDate: number;
}

/** What the engine gets its values from; nothing else in it depends on time or chance. */
export interface EngineOptions {
  readonly clock: Clock;
  /** A service that is not given fails with an error that names it. */
  readonly services: Partial<TaskServices>;
  /** From 0 up to 1. `Math.random` if absent. */
  readonly random?: () => number;
  /** `crypto.randomUUID` if absent. */
  readonly uuid?: () => string;
}

/** What an execution is one of. */
export interface PartOfMapRun {
  readonly mapRunArn: string;
  readonly itemCount: number;
}

/** The same, complete, and what all executions share. */
export interface Engine extends Required<Omit<EngineOptions, 'services'>> {
  readonly services: TaskServices;
  readonly taskTokens: TaskTokens;
  /** Begins a run of a Map in an execution of the machine. */
  readonly startMapRun: (machine: StateMachine, request: MapRunRequest) => MapRun;
  /** Called with every change of an execution's status; must not throw. */
  readonly onChange: (execution: Execution) => void;
}

interface Ending {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly outputText?: string;
  readonly error?: string;
  readonly cause?: string;
  /** By the Map Run that it is part of. */
  readonly isByMapRun?: boolean;
}

/** One execution of a state machine: what DescribeExecution and GetExecutionHistory tell about it. */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  /** As the caller gave it. */
  readonly inputText: string;
  readonly partOf: PartOfMapRun | undefined;
  /** Milliseconds since 1970. */
  readonly startDate: number;
  redriveCount = 0;
  /** Milliseconds since 1970. */
  redriveDate: number | undefined;
  readonly redriveTokens = new ClientTokens();
  status: ExecutionStatus = 'RUNNING';
  /** Milliseconds since 1970. */
  stopDate: number | undefined;
  outputText: string | undefined;
  error: string | undefined;
  cause: string | undefined;

  readonly #input: Json;
  readonly #options: Engine;
  readonly #history: History;
  /** Aborted when the attempt ends: the first one, or that of a redrive. */
  #attempt = new AbortController();
  #ended = Promise.withResolvers<void>();
  /** What one state gives the next one takes: its text is in the history several times, but once in memory. */
  #last: { readonly value: Json; readonly text: string } | undefined;
  /** The main line of states: after the end, where it ended and the variables there. */
  #branch: Branch = { previousEventId: 0, variables: {}, signal: this.#attempt.signal };

  /** `inputText` must be JSON. */
  constructor(
    machine: StateMachine,
    name: string,
    inputText: string,
    options: Engine,
    partOf?: PartOfMapRun,
  ) {
    this.machine = machine;
    this.arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    this.name = name;
    this.inputText = inputText;
    this.partOf = partOf;
    this.#input = JSON.parse(inputText) as Json;
    this.#options = options;
    this.startDate = options.clock.now();
    this.#history = new History(() => options.clock.now());
    this.#history.addLast(
      'ExecutionStarted',
      { input: inputText, inputDetails: { truncated: false }, roleArn: machine.roleArn },
      0,
    );
  }

  get events(): readonly HistoryEvent[] {
    return this.#history.events;
  }

  /** Why it cannot be redriven now, in AWS's words where AWS has any; undefined if it can. */
  get notRedrivableReason(): string | undefined {
    return whyNotRedrivable(this, this.#options.clock.now(), this.#branch.position);
  }

  /** Resolves when the execution has ended, however it ended; after a redrive, when it has ended again. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Runs from the first state. To be called once. */
  start(): void {
    this.#begin();
  }

  /** Ends a running execution as ABORTED; one that has ended stays as it is. */
  stop(error?: string, cause?: string): void {
    this.#end(this.#attempt, { status: 'ABORTED', error, cause });
  }

  /** As `stop`, by the Map Run that it is part of. */
  abort(cause: string): void {
    this.#end(this.#attempt, { status: 'ABORTED', cause, isByMapRun: true });
  }

  /** Goes on from where it ended. Only to be called while it has no `notRedrivableReason`. */
  redrive(): void {
    const { previousEventId, variables, position } = this.#branch;
    const goesOnAt = redrivePosition(position, this.error);
    this.#attempt = new AbortController();
    this.#ended = Promise.withResolvers();
    this.status = 'RUNNING';
    this.redriveCount += 1;
    this.redriveDate = this.#options.clock.now();
    this.stopDate = undefined;
    this.error = undefined;
    this.cause = undefined;
    const details = { redriveCount: this.redriveCount };
    this.#branch = {
      previousEventId: this.#history.addLast('ExecutionRedriven', details, previousEventId),
      variables,
      signal: this.#attempt.signal,
      position: goesOnAt,
    };
    this.#begin();
  }

  #begin(): void {
    this.#options.onChange(this);
    void this.#run();
  }

  async #run(): Promise<void> {
    const { machine } = this;
    const attempt = this.#attempt;
    this.#limitTime(attempt, machine.definition.TimeoutSeconds);
    try {
      const run = this.#newRun();
      const output = await runStates(run, machine.definition, this.#input, this.#branch);
      this.#end(attempt, { status: 'SUCCEEDED', outputText: this.#textOf(output) });
    } catch (failure) {
      if (failure instanceof StateFailure) {
        this.#end(attempt, { status: 'FAILED', error: failure.error, cause: failure.causeText });
      } else {
        const cause = failure instanceof Error ? failure.stack : String(failure);
        this.#end(attempt, { status: 'FAILED', error: 'States.Runtime', cause });
      }
    }
  }

  #limitTime(attempt: AbortController, seconds: number | undefined): void {
    if (seconds === undefined) return;
    this.#options.clock.sleep(seconds * 1000, attempt.signal).then(
      () => this.#end(attempt, { status: 'TIMED_OUT' }),
      () => {}, // The attempt ended before its time was up.
    );
  }

  #newRun(): Run {
    const { clock, services, random, uuid, taskTokens } = this.#options;
    const { machine } = this;
    return new Run({
      history: this.#history,
      clock,
      services,
      taskTokens,
      random,
      region: machine.arn.split(':')[3] ?? '',
      executionArn: this.arn,
      roleArn: machine.roleArn,
      functions: jsonataFunctions({ now: () => clock.now(), random, uuid }),
      context: {
        Execution: {
          Id: this.arn,
          Input: this.#input,
          StartTime: new Date(this.startDate).toISOString(),
          Name: this.name,
          RoleArn: machine.roleArn,
          RedriveCount: this.redriveCount,
          ...(this.redriveDate !== undefined && { RedriveTime: new Date(this.redriveDate).toISOString() }),
        },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
      textOf: (value) => this.#textOf(value),
      runStates,
      startMapRun: (request) => this.#options.startMapRun(machine, request),
    });
  }

  /** An input that is passed on as it came keeps the caller's own spacing. */
  #textOf(value: Json): string {
    if (value === this.#input) return this.inputText;
    const last = value === this.#last?.value ? this.#last : { value, text: JSON.stringify(value) };
    this.#last = last;
    return last.text;
  }

  /** The first ending of an attempt counts. */
  #end(attempt: AbortController, ending: Ending): void {
    if (attempt.signal.aborted) return;
    const { status, outputText, error, cause } = ending;
    this.status = status;
    this.stopDate = this.#options.clock.now();
    this.outputText = outputText;
    this.error = error;
    this.cause = cause;
    this.#recordEnd(ending);
    attempt.abort(new Error(`the execution ended as ${status}`));
    // Nothing goes on from here, and there may be thousands like it.
    if (status === 'SUCCEEDED') this.#branch = { ...this.#branch, variables: {}, position: undefined };
    this.#options.onChange(this);
    this.#ended.resolve();
  }

  #recordEnd({ status, outputText, error, cause, isByMapRun }: Ending): void {
    const branch = this.#branch;
    const reason = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    const add = (type: string, details?: object) => {
      branch.previousEventId = this.#history.addLast(type, details, branch.previousEventId);
    };
    switch (status) {
      case 'SUCCEEDED':
        return add('ExecutionSucceeded', { output: outputText, outputDetails: { truncated: false } });
      case 'FAILED':
        return add('ExecutionFailed', reason);
      default: {
        // Recorded on AWS: this event follows nothing, nor does one for the state come before it.
        if (isByMapRun) branch.previousEventId = 0;
        else for (const type of abortedEventTypes(branch)) add(type);
        add(status === 'ABORTED' ? 'ExecutionAborted' : 'ExecutionTimedOut', reason);
      }
    }
  }
}
