import type { Json, JsonObject } from './json.ts';

/** A literal or a `{% JSONata %}` expression that gives such a value. */
type OrExpression<T extends Json> = T | string;

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  /** Seconds before the first retry; 1 by default. */
  readonly IntervalSeconds?: number;
  /** Retries, not attempts; 3 by default. */
  readonly MaxAttempts?: number;
  /** 2 by default. */
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** What a state, a choice rule or a catcher makes of the data on the way out. */
export interface Transition {
  readonly Assign?: JsonObject;
  readonly Output?: Json;
  readonly Next?: string;
}

export interface Catcher extends Transition {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

export interface ChoiceRule extends Transition {
  readonly Condition: OrExpression<boolean>;
  readonly Next: string;
}

interface ErrorHandling {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface PassState extends Transition {
  readonly Type: 'Pass';
}

export interface TaskState extends Transition, ErrorHandling {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Json;
  readonly TimeoutSeconds?: OrExpression<number>;
  readonly HeartbeatSeconds?: OrExpression<number>;
}

export interface WaitState extends Transition {
  readonly Type: 'Wait';
  readonly Seconds?: OrExpression<number>;
  readonly Timestamp?: string;
}

export interface ChoiceState extends Transition {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface SucceedState extends Transition {
  readonly Type: 'Succeed';
}

export interface FailState {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
}

export interface ParallelState extends Transition, ErrorHandling {
  readonly Type: 'Parallel';
  readonly Arguments?: Json;
  readonly Branches: readonly States[];
}

export interface MapState extends Transition, ErrorHandling {
  readonly Type: 'Map';
  readonly Items?: Json;
  readonly ItemSelector?: Json;
  readonly ItemProcessor: ItemProcessor;
  /** 0, the default, is no limit of one's own. */
  readonly MaxConcurrency?: OrExpression<number>;
  readonly ToleratedFailureCount?: OrExpression<number>;
  readonly ToleratedFailurePercentage?: OrExpression<number>;
  /** Of a distributed Map, as are the rest: part of the ARNs of its Map Runs and their executions. */
  readonly Label?: string;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: ResultWriter;
}

/** What a Map runs for every item; in a distributed one each runs as an execution of its own. */
export interface ItemProcessor extends States {
  readonly ProcessorConfig?: {
    readonly Mode?: 'INLINE' | 'DISTRIBUTED';
    readonly ExecutionType?: 'STANDARD';
  };
}

/** Where the items of a distributed Map come from: an object on S3. */
export interface ItemReader {
  readonly Resource: string;
  /** `Bucket`, `Key` and `ExpectedBucketOwner`. */
  readonly Arguments: Json;
  readonly ReaderConfig: ReaderConfig;
}

export interface ReaderConfig {
  readonly InputType: 'CSV' | 'JSON' | 'JSONL';
  readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  readonly CSVHeaders?: readonly string[];
  /** `COMMA` by default. */
  readonly CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
  /** JSON pointer to the items within a JSON object. */
  readonly ItemsPointer?: string;
  /** 0, the default, for all. */
  readonly MaxItems?: OrExpression<number>;
}

/** Gives several items to one execution. At least one of the two limits is there. */
export interface ItemBatcher {
  readonly MaxItemsPerBatch?: OrExpression<number>;
  readonly MaxInputBytesPerBatch?: OrExpression<number>;
  readonly BatchInput?: Json;
}

/** Where the results of a distributed Map go; without Resource and Arguments they are its output. */
export interface ResultWriter {
  readonly Resource?: string;
  /** `Bucket` and `Prefix`. */
  readonly Arguments?: Json;
  readonly WriterConfig?: WriterConfig;
}

export interface WriterConfig {
  readonly Transformation: 'NONE' | 'COMPACT' | 'FLATTEN';
  readonly OutputType: 'JSON' | 'JSONL';
}

export type State =
  | PassState
  | TaskState
  | WaitState
  | ChoiceState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

/** States that lead into each other: a whole machine, a branch of a Parallel, the processor of a Map. */
export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A machine that this engine runs; `loadDefinition` makes one. */
export interface Definition extends States {
  /** Seconds that an execution may take. */
  readonly TimeoutSeconds?: number;
}
