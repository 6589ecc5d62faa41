import type { Json } from './json.ts';
import type { TaskCaller, TaskServices } from './task-services.ts';

export interface TaskCall {
  /** The task's Resource. */
  readonly resource: string;
  /** The evaluated Arguments, or the state's input. */
  readonly args: Json;
  readonly services: TaskServices;
  readonly caller: TaskCaller;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Records that the call was taken and what it answered, where the task's result comes later. */
  readonly submitted: (output: Json) => void;
}

export interface TaskResource {
  /** Whether a state's Resource is this one. */
  readonly pattern: RegExp;
  /** Service and API action of an integration, which the Task* events name. Without it the events are LambdaFunction*. */
  readonly integration?: { readonly resourceType: string; readonly resource: string };
  /** The task has not ended with its call, but when its token comes back. */
  readonly waitsForToken?: true;
  /** The arguments the call takes; any, if absent. */
  readonly arguments?: { readonly required: readonly string[]; readonly optional: readonly string[] };
  /** Makes the call and gives the task's result. Throws TaskError. */
  call(call: TaskCall): Promise<Json>;
}
