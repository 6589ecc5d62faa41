import type { TaskState } from './definition.ts';
import type { Json } from './json.ts';
import type { Run, Visit } from './run.ts';
import { StateFailure } from './state-failure.ts';
import { TaskError } from './task-error.ts';
import { type TaskEvents, taskEvents } from './task-events.ts';
import type { TaskResource } from './task-resource.ts';
import { argumentsProblem, findTaskResource } from './task-resources.ts';
import type { WaitingTask } from './task-tokens.ts';

const TIMED_OUT = Symbol('the task timed out');

/** Runs one attempt of a task and gives its result. Throws StateFailure. */
export async function runTask(run: Run, visit: Visit<TaskState>): Promise<Json> {
  const resource = findTaskResource(visit.state.Resource) as TaskResource;
  if (!resource.waitsForToken) return attempt(run, visit, resource);
  const waiting = run.options.taskTokens.issue(run.options.executionArn);
  try {
    return await attempt(run, { ...visit, taskToken: waiting.token }, resource, waiting);
  } finally {
    waiting.close();
  }
}

async function attempt(
  run: Run,
  visit: Visit<TaskState>,
  resource: TaskResource,
  waiting?: WaitingTask,
): Promise<Json> {
  const { state, branch, input } = visit;
  const timeout = await seconds(run, visit, 'TimeoutSeconds');
  const heartbeat = await seconds(run, visit, 'HeartbeatSeconds');
  const args =
    state.Arguments === undefined ? input : await run.evaluate(visit, 'Arguments', state.Arguments);
  const problem = argumentsProblem(resource, args);
  if (problem) throw run.failure(visit, 'States.Runtime', `${state.Resource}: ${problem}`);
  const events = taskEvents(run.history, branch, state.Resource, resource, run.options.region);
  events.scheduled(args, {
    ...(timeout !== undefined && { timeoutInSeconds: timeout }),
    ...(heartbeat !== undefined && { heartbeatInSeconds: heartbeat }),
  });
  try {
    const producer = resource.integration?.resourceType ?? state.Resource;
    const submitted = (output: Json) => events.submitted(run.limitedText(output, producer));
    const result = await callUntil(run, visit, { resource, args, timeout, submitted, waiting });
    events.succeeded(run.limitedText(result, producer));
    return result;
  } catch (error) {
    throw taskFailure(error, events, visit);
  }
}

/** Records how the attempt failed; gives the failure of the state, or what was no failure of the task. */
function taskFailure(error: unknown, events: TaskEvents, { branch }: Visit): unknown {
  if (branch.signal.aborted) return branch.signal.reason;
  if (error === TIMED_OUT) {
    events.timedOut();
    return new StateFailure('States.Timeout', undefined);
  }
  const failure = asStateFailure(error);
  events.failed(failure.error ?? '', failure.causeText ?? '');
  return failure;
}

function asStateFailure(error: unknown): StateFailure {
  if (error instanceof StateFailure) return error;
  if (error instanceof TaskError) return new StateFailure(error.error, error.causeText);
  return new StateFailure('States.Runtime', error instanceof Error ? error.stack : String(error));
}

interface Attempt {
  readonly resource: TaskResource;
  readonly args: Json;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly submitted: (output: Json) => void;
  readonly waiting: WaitingTask | undefined;
}

/** Waits for the answer as long as the timeout and the execution allow. */
async function callUntil(
  run: Run,
  visit: Visit<TaskState>,
  { resource, args, timeout, submitted, waiting }: Attempt,
): Promise<Json> {
  const { clock, services } = run.options;
  const ended = new AbortController();
  const signal = AbortSignal.any([visit.branch.signal, ended.signal]);
  const called = resource.call({
    resource: visit.state.Resource,
    args,
    services,
    caller: run.callerOf(visit),
    signal,
    now: clock.now(),
    submitted,
  });
  const answer = waiting ? answerByToken(called, waiting, submitted) : called;
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const deadline =
    timeout === undefined
      ? stopped
      : clock.sleep(timeout * 1000, signal).then(() => Promise.reject(TIMED_OUT));
  try {
    return await Promise.race([answer, stopped, deadline]);
  } finally {
    // Whichever of the three lost still rejects; nobody waits for it any more.
    for (const loser of [answer, stopped, deadline]) loser.catch(() => {});
    ended.abort(new Error('the task no longer waits for its answer'));
  }
}

/** The call has only to succeed. Belief: an answer that comes while it is under way counts. */
function answerByToken(
  called: Promise<Json>,
  waiting: WaitingTask,
  submitted: (output: Json) => void,
): Promise<Json> {
  const afterCall = called.then((result) => {
    if (!waiting.isClosed()) submitted(result);
    return waiting.answer;
  });
  return Promise.race([afterCall, waiting.answer]);
}

async function seconds(
  run: Run,
  visit: Visit<TaskState>,
  field: 'TimeoutSeconds' | 'HeartbeatSeconds',
): Promise<number | undefined> {
  const value = (await run.evaluateTyped(visit, field, visit.state[field], 'number')) as number | undefined;
  if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
    throw run.evaluationFailed(visit, `The ${field} field is not a positive integer: ${value}`, field);
  }
  return value;
}
