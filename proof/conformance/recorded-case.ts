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

/** An execution recorded on AWS, or written by hand in the same form. */
export interface RecordedCase {
  readonly name: string;
  readonly definition: Json;
  readonly input: Json;
  /** Answers in the order of the attempts, by the name of the state. */
  readonly replies: Readonly<Record<string, readonly Reply[]>>;
  readonly expected: {
    readonly status: ExecutionStatus;
    readonly output: Json;
    readonly error: string | null;
    readonly cause: string | null;
    /** Absent where only the end was recorded. */
    readonly events?: readonly RecordedEvent[];
    /** How many events of a Parallel the recording lost. */
    readonly missingEvents?: number;
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
