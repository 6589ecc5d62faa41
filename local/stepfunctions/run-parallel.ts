import type { ParallelState, States } from './definition.ts';
import type { Json } from './json.ts';
import { redrivePosition } from './redrivability.ts';
import type { Run, Visit } from './run.ts';
import { type Lane, runConcurrently } from './run-concurrently.ts';

interface BranchLane extends Lane {
  readonly states: States;
  output: Json | undefined;
}

/**
 * Runs the branches side by side and gives their outputs in the order of the branches. In a redrive, those that have
 * not succeeded go on where they ended.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-behavior-states (the
 * events are belief)
 */
export async function runParallel(run: Run, visit: Visit<ParallelState>): Promise<Json> {
  const { state, branch, lanesToRedrive: redriven } = visit;
  visit.lanesToRedrive = undefined;
  const input =
    state.Arguments === undefined ? visit.input : await run.evaluate(visit, 'Arguments', state.Arguments);
  const abort = new AbortController();
  const signal = AbortSignal.any([branch.signal, abort.signal]);
  if (!redriven) run.history.add(branch, 'ParallelStateStarted');
  const lanes = state.Branches.map((states, i): BranchLane => {
    const before = redriven?.[i];
    const position = redrivePosition(before?.branch.position, undefined);
    return {
      states,
      output: before?.output,
      active: before?.output === undefined,
      branch: {
        previousEventId: branch.previousEventId,
        variables: { ...(before?.branch ?? branch).variables },
        signal,
        mapItem: branch.mapItem,
        ...(position && { position }),
      },
    };
  });
  if (branch.position) branch.position = { ...branch.position, lanes };
  const noEvents = { failed: () => undefined, aborted: () => undefined };
  const open = lanes.filter(({ active }) => active);
  await runConcurrently(run, visit, open, abort, noEvents, async (lane) => {
    lane.output = await run.options.runStates(run, lane.states, input, lane.branch);
  });
  branch.previousEventId = Math.max(...lanes.map((lane) => lane.branch.previousEventId));
  run.history.addBeside(branch, 'ParallelStateSucceeded');
  return lanes.map((lane) => lane.output as Json);
}
