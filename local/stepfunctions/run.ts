import type { Clock } from '../aws.ts';
import type { ItemProcessor, State, States } from './definition.ts';
import {
  type ExpectedType,
  ExpressionError,
  evaluateTemplate,
  expectType,
  isExpression,
} from './expression.ts';
import type { EventLine, History } from './history.ts';
import { byteLength, type Json, type JsonObject, MAX_DATA_BYTES } from './json.ts';
import type { MapRun, MapRunLimits } from './map-run.ts';
import { FieldRefused, StateFailure } from './state-failure.ts';
import type { TaskCaller, TaskServices } from './task-services.ts';
import type { TaskTokens } from './task-tokens.ts';

/** Where a line of states is: in a state, before one, or (without a name) after its last. */
export interface Position {
  readonly name: string | undefined;
  /** What the state takes; after the last one, what that gave. */
  readonly input: Json;
  /** Once the state's StateEntered event is there. */
  readonly entry?: Entry;
  /** Once a distributed Map has started its Map Run. */
  readonly mapRun?: StartedMapRun;
  /** Once a Parallel has started its branches. */
  readonly lanes?: readonly ParallelLane[];
}

/** A branch of a Parallel. */
export interface ParallelLane {
  readonly branch: Branch;
  /** Its output; undefined until it has succeeded. */
  readonly output: Json | undefined;
}

/** The Map Run of a state. */
export interface StartedMapRun {
  readonly run: MapRun;
  /** Of the MapStateStarted event. */
  readonly startedEventId: number;
}

/** How a state was entered. */
export interface Entry {
  readonly type: State['Type'];
  /** Of its StateEntered event. */
  readonly eventId: number;
  /** What that event followed. */
  readonly eventIdBefore: number;
  /** Milliseconds since 1970. */
  readonly enteredAt: number;
}

/** A line of states that run one after the other, with the variables they see. */
export interface Branch extends EventLine {
  variables: JsonObject;
  /** Absent before its first state. A redrive goes on from here. */
  position?: Position;
  /** In an iteration of a Map, its item. */
  readonly mapItem?: MapItem;
}

export interface MapItem {
  readonly Index: number;
  readonly Value: Json;
  /** In a distributed Map: `STATE_DATA` or `s3://bucket/key`. */
  readonly Source?: string;
}

/** A state while it runs. */
export interface Visit<S extends State = State> {
  readonly name: string;
  readonly state: S;
  readonly input: Json;
  readonly branch: Branch;
  readonly entry: Entry;
  retryCount: number;
  /** Of an attempt that waits for its token. */
  readonly taskToken?: string;
  /** The item that an ItemSelector is evaluated for. */
  readonly mapItem?: MapItem;
  /** In a redrive, the Map Run to go on with; whoever takes it up removes it. */
  mapRunToRedrive?: StartedMapRun | undefined;
  /** In a redrive, the branches to go on with; whoever takes them up removes them. */
  lanesToRedrive?: readonly ParallelLane[] | undefined;
}

/** Values that exist only at certain places of a state: `$states.result`, `$states.errorOutput`. */
export interface ExtraStates {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

export interface RunOptions {
  readonly history: History;
  readonly clock: Clock;
  readonly services: TaskServices;
  readonly taskTokens: TaskTokens;
  readonly region: string;
  readonly executionArn: string;
  readonly roleArn: string;
  /** From 0 up to 1; for the jitter of retries. */
  readonly random: () => number;
  /** Functions that expressions can call, by name. */
  readonly functions: Record<string, unknown>;
  /** `Execution` and `StateMachine` of `$states.context`. */
  readonly context: JsonObject;
  /** JSON text of a state's input or output. */
  readonly textOf: (value: Json) => string;
  /** Runs states to their end and gives the output of the last one. */
  readonly runStates: (run: Run, states: States, input: Json, branch: Branch) => Promise<Json>;
  /** Begins a Map Run of this execution. */
  readonly startMapRun: (request: MapRunRequest) => MapRun;
}

export interface MapRunRequest {
  readonly caller: TaskCaller;
  readonly label: string | undefined;
  readonly stateName: string;
  readonly processor: ItemProcessor;
  readonly limits: MapRunLimits;
}

/** What the states of one execution share, and what all of them do with expressions. */
export class Run {
  readonly options: RunOptions;
  readonly history: History;

  constructor(options: RunOptions) {
    this.options = options;
    this.history = options.history;
  }

  /**
   * Evaluates a field of the state. An expression that fails becomes an EvaluationFailed event and a
   * StateFailure `States.QueryEvaluationError`. `location` defaults to the field's name.
   */
  async evaluate(visit: Visit, field: string, template: Json, extra: ExtraStates = {}): Promise<Json> {
    return this.#failing(visit, () => evaluateTemplate(template, field, this.#bindings(visit, extra)));
  }

  /** As `evaluate`, for a field that must be of one type. An absent field gives undefined. */
  async evaluateTyped(
    visit: Visit,
    field: string,
    template: Json | undefined,
    type: ExpectedType,
  ): Promise<Json | undefined> {
    if (template === undefined) return undefined;
    return this.#failing(visit, async () => {
      const value = await evaluateTemplate(template, field, this.#bindings(visit, {}));
      if (isExpression(template)) expectType(value, type, template, field);
      return value;
    });
  }

  /** Records that an expression of the state failed and gives the failure to throw. */
  evaluationFailed(visit: Visit, message: string, location?: string, afterEntered = false): StateFailure {
    const { branch } = visit;
    const error = 'States.QueryEvaluationError';
    const cause = `${this.#whileExecuting(visit)} ${message}`;
    // Recorded on AWS: as long as nothing but StateEntered came, this event takes that one's predecessor.
    const justEntered = branch.previousEventId === visit.entry.eventId && !afterEntered;
    branch.previousEventId = this.history.addBeside(
      branch,
      'EvaluationFailed',
      { error, cause, ...(location !== undefined && { location }), state: visit.name },
      justEntered ? visit.entry.eventIdBefore : branch.previousEventId,
    );
    return new StateFailure(error, cause);
  }

  /** A failure of the state itself, its cause in AWS's words. */
  failure(visit: Visit, error: string, message: string): StateFailure {
    return new StateFailure(error, `${this.#whileExecuting(visit)} ${message}`);
  }

  /** A value that the started state cannot run with. */
  refused(visit: Visit, message: string): FieldRefused {
    return new FieldRefused(`${this.#whileExecuting(visit)} ${message}`);
  }

  /** JSON text of a state's result or output. Throws StateFailure `States.DataLimitExceeded` over 256 KiB. */
  limitedText(value: Json, producer: string): string {
    const text = this.options.textOf(value);
    if (byteLength(text) > MAX_DATA_BYTES) {
      throw new StateFailure(
        'States.DataLimitExceeded',
        `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      );
    }
    return text;
  }

  /** Who the state's calls are made for. */
  callerOf({ name, branch }: Visit): TaskCaller {
    const { executionArn, roleArn } = this.options;
    return { executionArn, roleArn, stateName: name, mapIndex: branch.mapItem?.Index };
  }

  #whileExecuting(visit: Visit): string {
    return `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.entry.eventId}).`;
  }

  async #failing<T>(visit: Visit, evaluate: () => Promise<T>): Promise<T> {
    try {
      return await evaluate();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw this.evaluationFailed(visit, error.message, error.location);
    }
  }

  #bindings(visit: Visit, extra: ExtraStates): Record<string, unknown> {
    const { branch, input } = visit;
    return {
      ...this.options.functions,
      ...branch.variables,
      states: { input, ...extra, context: this.#context(visit) },
    };
  }

  #context(visit: Visit): JsonObject {
    const mapItem = visit.mapItem ?? visit.branch.mapItem;
    return {
      ...this.options.context,
      State: {
        Name: visit.name,
        EnteredTime: new Date(visit.entry.enteredAt).toISOString(),
        ...(visit.state.Type === 'Task' && { RetryCount: visit.retryCount }),
      },
      ...(visit.taskToken !== undefined && { Task: { Token: visit.taskToken } }),
      ...(mapItem && { Map: { Item: { ...mapItem } as JsonObject } }),
    };
  }
}
