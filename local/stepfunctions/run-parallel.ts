import type { ParallelState, States } from './definition.ts';
import type { Json } from './json.ts';
import type { Run, Visit } from './run.ts';
import { type Lane, runConcurrently } from './run-concurrently.ts';

interface BranchLane extends Lane {
  readonly states: States;
  output: Json;
}

/** Runs the branches side by side and gives their outputs in the order of the branches. */
export async function runParallel(run: Run, visit: Visit<ParallelState>): Promise<Json> {
  const { state, branch } = visit;
  const input =
    state.Arguments === undefined ? visit.input : await run.evaluate(visit, 'Arguments', state.Arguments);
  const abort = new AbortController();
  const signal = AbortSignal.any([branch.signal, abort.signal]);
  run.history.add(branch, 'ParallelStateStarted');
  const lanes = state.Branches.map(
    (states): BranchLane => ({
      states,
      output: null,
      active: true,
      branch: {
        previousEventId: branch.previousEventId,
        variables: { ...branch.variables },
        signal,
        mapItem: branch.mapItem,
      },
    }),
  );
  const noEvents = { failed: () => undefined, aborted: () => undefined };
  await runConcurrently(run, visit, lanes, abort, noEvents, async (lane) => {
    lane.output = await run.options.runStates(run, lane.states, input, lane.branch);
  });
  branch.previousEventId = Math.max(...lanes.map((lane) => lane.branch.previousEventId));
  run.history.addBeside(branch, 'ParallelStateSucceeded');
  return lanes.map((lane) => lane.output);
}
