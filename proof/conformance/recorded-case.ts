import type { ExecutionStatus } from '../../local/stepfunctions/execution.ts';
import { isJsonObject, type Json, type JsonObject } from '../../local/stepfunctions/json.ts';

/** An answer that a task gets in a replay. */
export interface Reply {
  /** What the function returned. */
  readonly output?: Json;
  readonly error?: string | null;
  readonly cause?: string | null;
  /** The function does not answer within the task's time. */
  readonly timedOut?: boolean;
  /** Index of the Map's item that the answer is for. */
  readonly iteration?: number;
}

/** An event as recorded: JSON texts parsed; without its id where the order inside a Parallel was lost. */
export interface RecordedEvent extends JsonObject {
  id: number | null;
  previousEventId: number | null;
  type: string;
}

/** Answers in the order of the attempts, by the name of the state. */
export type Replies = Readonly<Record<string, readonly Reply[]>>;

/** A state machine that is there for others to start. */
export interface RecordedMachine {
  readonly name: string;
  readonly definition: Json;
  readonly replies?: Replies;
}

/** AWS answers differently today: `nowSeen` at the place that a difference would name. */
export interface Superseded {
  /** E.g. `events/7/previousEventId`. */
  readonly path: string;
  readonly nowSeen: Json;
}

/** An execution of a Map Run. */
export interface RecordedChild {
  readonly status: ExecutionStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly events?: readonly RecordedEvent[];
}

/** An object that the run writes: its exact text, or what is in it, with the texts `Input` and `Output` parsed. */
export interface RecordedObject {
  readonly bucket: string;
  readonly key: string;
  readonly text?: string;
  readonly json?: Json;
  /** A value a line. */
  readonly jsonl?: readonly Json[];
}

/** A call of the Step Functions API after the end; the answer may have more keys than were recorded. */
export interface RecordedCall {
  readonly action: string;
  /** `<execution>` and `<map-run>` are the ARNs of the replay. */
  readonly request: JsonObject;
  readonly answer: JsonObject;
}

/** An execution recorded on AWS, or written by hand in the same form. */
export interface RecordedCase {
  readonly name: string;
  readonly definition: Json;
  readonly input: Json;
  readonly replies: Replies;
  /** Objects that are there at the start, by bucket and key. */
  readonly s3?: Readonly<Record<string, Readonly<Record<string, { readonly text: string }>>>>;
  readonly machines?: readonly RecordedMachine[];
  /** Functions that answer what they get, by name or ARN. */
  readonly functions?: Readonly<Record<string, 'identity'>>;
  readonly expected: {
    readonly status: ExecutionStatus;
    /** Absent where it was not recorded, as are `error` and `cause` with it. */
    readonly output?: Json;
    readonly error?: string | null;
    readonly cause?: string | null;
    /** Absent where only the end was recorded. */
    readonly events?: readonly RecordedEvent[];
    /** How many events of a Parallel the recording lost. */
    readonly missingEvents?: number;
    readonly superseded?: readonly Superseded[];
    /** Keys that do not count in a cause that is JSON. */
    readonly ignoreInCause?: readonly string[];
    /** In the order of the items. */
    readonly children?: readonly RecordedChild[];
    /** Others may be written too. */
    readonly s3?: readonly RecordedObject[];
    readonly api?: readonly RecordedCall[];
  };
  /** Lists the placeholders, as `placeholders: <uuid:1>, date; …`. */
  readonly notes?: string;
  /** How long the execution took in seconds of its own time, where the case is about time. */
  readonly elapsedSeconds?: number;
}

/** Throws an Error that names the field if the JSON is no recorded execution. */
export function asRecordedCase(json: unknown): RecordedCase {
  if (!isJsonObject(json)) throw new Error('not a recorded execution: no JSON object');
  const wrong = ['definition', 'replies', 'expected'].find((field) => !isJsonObject(json[field]));
  if (wrong) throw new Error(`not a recorded execution: ${wrong} is no object`);
  return json as unknown as RecordedCase;
}

/** The placeholders of a case: those its notes list. */
export function placeholdersOf({ notes = '' }: RecordedCase): Set<string> {
  const lists = notes.matchAll(/placeholders: ([^;]*)/g);
  return new Set([...lists].flatMap(([, list = '']) => list.split(',').map((name) => name.trim())));
}
