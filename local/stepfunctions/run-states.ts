import type {
  Catcher,
  ChoiceState,
  FailState,
  MapState,
  ParallelState,
  State,
  States,
  Transition,
  WaitState,
} from './definition.ts';
import type { Json, JsonObject } from './json.ts';
import { retryDelay } from './retry-delay.ts';
import type { Branch, Entry, ExtraStates, Position, Run, Visit } from './run.ts';
import { isDistributed, runDistributedMap } from './run-distributed-map.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';
import { FieldRefused, StateFailure } from './state-failure.ts';
import { parseTimestamp } from './timestamp.ts';

/** How a state goes on: by which transition, found where, with what to pass on where it has no Output. */
interface Outcome {
  readonly transition: Transition;
  /** Path of the transition within the state: empty, `Choices/0/`, `Catch/0/`. */
  readonly path: string;
  readonly defaultOutput: Json;
  readonly extra: ExtraStates;
  readonly next: string | undefined;
}

/**
 * Runs states from the branch's position, at first `StartAt`, to their end and gives the last one's output.
 * Throws StateFailure where one fails uncaught, and the branch's abort reason when it is aborted.
 */
export async function runStates(run: Run, states: States, input: Json, branch: Branch): Promise<Json> {
  let position: Position = branch.position ?? { name: states.StartAt, input };
  while (position.name !== undefined) {
    const state = states.States[position.name] as State;
    position = await runState(run, state, branch, { ...position, name: position.name });
  }
  return position.input;
}

/** Runs the state at a position; one that is entered already runs again from there, with what it has begun. */
async function runState(
  run: Run,
  state: State,
  branch: Branch,
  { name, input, entry = enter(run, name, state, input, branch), mapRun, lanes }: Position & { name: string },
): Promise<Position> {
  branch.position = { name, input, entry };
  branch.previousEventId = entry.eventId;
  const redriven = { mapRunToRedrive: mapRun, lanesToRedrive: lanes };
  const visit: Visit = { name, state, input, branch, entry, retryCount: 0, ...redriven };
  const { next, output, outputText, assigned } = await withErrorHandling(run, visit, async () =>
    leave(run, visit, await runType(run, visit)),
  );
  run.history.add(branch, `${state.Type}StateExited`, {
    name,
    output: outputText,
    outputDetails: { truncated: false },
    ...(Object.keys(assigned).length > 0 && {
      assignedVariables: mapValues(assigned, (value) => JSON.stringify(value)),
      assignedVariablesDetails: { truncated: false },
    }),
  });
  Object.assign(branch.variables, assigned);
  branch.position = { name: next, input: output };
  return branch.position;
}

function enter(run: Run, name: string, { Type: type }: State, input: Json, branch: Branch): Entry {
  const eventIdBefore = branch.previousEventId;
  const eventId = run.history.add(branch, `${type}StateEntered`, {
    name,
    input: run.options.textOf(input),
    inputDetails: { truncated: false },
  });
  return { type, eventId, eventIdBefore, enteredAt: run.options.clock.now() };
}

interface Left {
  readonly next: string | undefined;
  readonly output: Json;
  readonly outputText: string;
  readonly assigned: JsonObject;
}

/** Evaluates what the state assigns and gives; both see the variables as they were before. */
async function leave(run: Run, visit: Visit, outcome: Outcome): Promise<Left> {
  const { transition, path, defaultOutput, extra, next } = outcome;
  const { Assign = {}, Output } = transition;
  const assigned = (await run.evaluate(visit, `${path}Assign`, Assign, extra)) as JsonObject;
  const output =
    Output === undefined ? defaultOutput : await run.evaluate(visit, `${path}Output`, Output, extra);
  return { next, output, assigned, outputText: run.limitedText(output, visit.name) };
}

async function withErrorHandling(run: Run, visit: Visit, attempt: () => Promise<Left>): Promise<Left> {
  const { state, branch } = visit;
  const retriers = 'Retry' in state ? (state.Retry ?? []) : [];
  const retries = retriers.map(() => 0);
  for (;;) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const index = retriers.findIndex((retrier) => failure.matches(retrier.ErrorEquals));
      const retrier = retriers[index];
      const delay = retrier && retryDelay(retrier, retries[index] ?? 0, run.options.random);
      if (delay === undefined) return caught(run, visit, failure);
      retries[index] = (retries[index] ?? 0) + 1;
      visit.retryCount += 1;
      await run.options.clock.sleep(delay, branch.signal);
    }
  }
}

/** Goes on by the first catcher that names the failure, or throws it. */
async function caught(run: Run, visit: Visit, failure: StateFailure): Promise<Left> {
  const { state, branch } = visit;
  const hasFailedEvent = state.Type === 'Map' || state.Type === 'Parallel';
  if (hasFailedEvent && !(failure instanceof FieldRefused))
    run.history.add(branch, `${state.Type}StateFailed`);
  const catchers: readonly Catcher[] = 'Catch' in state ? (state.Catch ?? []) : [];
  const index = catchers.findIndex((catcher) => failure.matches(catcher.ErrorEquals));
  const catcher = catchers[index];
  if (!catcher) throw failure;
  const errorOutput: JsonObject = {
    ...(failure.error !== undefined && { Error: failure.error }),
    Cause: failure.causeText ?? '',
  };
  return leave(run, visit, {
    transition: catcher,
    path: `Catch/${index}/`,
    defaultOutput: errorOutput,
    extra: { errorOutput },
    next: catcher.Next,
  });
}

async function runType(run: Run, visit: Visit): Promise<Outcome> {
  const { state, input } = visit;
  switch (state.Type) {
    case 'Pass':
    case 'Succeed':
      return goOn(state, input);
    case 'Wait':
      await wait(run, visit as Visit<WaitState>);
      return goOn(state, input);
    case 'Choice':
      return choose(run, visit as Visit<ChoiceState>);
    case 'Fail':
      return fail(run, visit as Visit<FailState>);
    case 'Task':
      return goOnWithResult(state, await runTask(run, { ...visit, state }));
    case 'Parallel':
      return goOnWithResult(state, await runParallel(run, visit as Visit<ParallelState>));
    case 'Map':
      return goOnWithResult(
        state,
        await (isDistributed(state) ? runDistributedMap : runMap)(run, visit as Visit<MapState>),
      );
  }
}

function goOn(state: Transition, defaultOutput: Json, extra: ExtraStates = {}): Outcome {
  return { transition: state, path: '', defaultOutput, extra, next: state.Next };
}

function goOnWithResult(state: Transition, result: Json): Outcome {
  return goOn(state, result, { result });
}

async function wait(run: Run, visit: Visit<WaitState>): Promise<void> {
  const { clock } = run.options;
  const { Seconds, Timestamp } = visit.state;
  const seconds = (await run.evaluateTyped(visit, 'Seconds', Seconds, 'number')) as number | undefined;
  if (seconds !== undefined) {
    if (!Number.isInteger(seconds) || seconds < 0) {
      throw run.evaluationFailed(visit, `The Seconds field is not a positive integer: ${seconds}`, 'Seconds');
    }
    return clock.sleep(seconds * 1000, visit.branch.signal);
  }
  const timestamp = (await run.evaluateTyped(visit, 'Timestamp', Timestamp, 'string')) as string;
  const time = parseTimestamp(timestamp);
  if (time === undefined) {
    const message = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${timestamp}`;
    throw run.evaluationFailed(visit, message, 'Timestamp', true);
  }
  return clock.sleep(Math.max(time - clock.now(), 0), visit.branch.signal);
}

async function choose(run: Run, visit: Visit<ChoiceState>): Promise<Outcome> {
  const { state, input } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const path = `Choices/${index}/`;
    if (await run.evaluateTyped(visit, `${path}Condition`, rule.Condition, 'boolean')) {
      return { transition: rule, path, defaultOutput: input, extra: {}, next: rule.Next };
    }
  }
  if (state.Default === undefined) {
    const message = 'Failed to transition out of the state. The state does not point to a next state.';
    throw run.failure(visit, 'States.NoChoiceMatched', message);
  }
  return { ...goOn(state, input), next: state.Default };
}

async function fail(run: Run, visit: Visit<FailState>): Promise<never> {
  const { Error: error, Cause: cause } = visit.state;
  throw new StateFailure(
    (await run.evaluateTyped(visit, 'Error', error, 'string')) as string | undefined,
    (await run.evaluateTyped(visit, 'Cause', cause, 'string')) as string | undefined,
  );
}

function mapValues<T, U>(object: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
