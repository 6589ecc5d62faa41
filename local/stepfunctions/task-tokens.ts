import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws.ts';
import { stateMachineArnOf } from './execution-arn.ts';
import { byteLength, type Json, MAX_DATA_BYTES } from './json.ts';
import { TaskError } from './task-error.ts';

/** A task that waits for whoever has its token. */
export interface WaitingTask {
  readonly token: string;
  /** What SendTaskSuccess sends; a TaskError with what SendTaskFailure sends. */
  readonly answer: Promise<Json>;
  readonly isClosed: () => boolean;
  /** Nobody waits any more: the token is refused from here on. */
  close(): void;
}

interface Waiting {
  readonly stateMachineArn: string;
  readonly settle: (answer: Json | TaskError) => void;
}

/**
 * Tokens of the tasks that wait for an answer (`.waitForTaskToken`). Each attempt of a task has one of its own.
 * Source of the errors: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
 */
export class TaskTokens {
  readonly #waiting = new Map<string, Waiting>();
  readonly #closed = new Map<string, string>();

  issue(executionArn: string): WaitingTask {
    const token = randomUUID();
    const stateMachineArn = stateMachineArnOf(executionArn);
    const { promise: answer, resolve, reject } = Promise.withResolvers<Json>();
    // A task that has stopped waiting hears of no failure.
    answer.catch(() => {});
    const close = () => {
      this.#waiting.delete(token);
      this.#closed.set(token, stateMachineArn);
    };
    const settle = (value: Json | TaskError) => {
      close();
      if (value instanceof TaskError) reject(value);
      else resolve(value);
    };
    this.#waiting.set(token, { stateMachineArn, settle });
    return { token, answer, isClosed: () => !this.#waiting.has(token), close };
  }

  /** The state machine whose task has, or had, the token; undefined for a token of none. */
  stateMachineOf(token: string): string | undefined {
    return this.#waiting.get(token)?.stateMachineArn ?? this.#closed.get(token);
  }

  /** Throws AwsError `InvalidOutput`, `InvalidToken` or `TaskTimedOut`. */
  succeed(token: string, output: string): void {
    const waiting = this.#find(token);
    if (byteLength(output) > MAX_DATA_BYTES) throw new AwsError('InvalidOutput', 'Invalid Output: too large');
    let answer: Json;
    try {
      answer = JSON.parse(output);
    } catch (error) {
      throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
    }
    waiting.settle(answer);
  }

  /** Throws AwsError `InvalidToken` or `TaskTimedOut`. */
  fail(token: string, error = '', cause = ''): void {
    this.#find(token).settle(new TaskError(error, cause));
  }

  #find(token: string): Waiting {
    const waiting = this.#waiting.get(token);
    if (waiting) return waiting;
    if (this.#closed.has(token))
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
}
