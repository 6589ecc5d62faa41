import type { MapState } from './definition.ts';
import type { Json } from './json.ts';
import type { Branch, Run, Visit } from './run.ts';
import { type Lane, runConcurrently } from './run-concurrently.ts';

/** Iterations of an inline Map that AWS runs side by side at most. */
const INLINE_CONCURRENCY = 40;

interface IterationLane extends Lane {
  index: number;
}

/** Runs the item processor for every item and gives the outputs in the order of the items. */
export async function runMap(run: Run, visit: Visit<MapState>): Promise<Json> {
  const { name, state, branch } = visit;
  const items = await itemsOf(run, visit);
  const concurrency = await evaluateLimits(run, visit);
  const inputs = await iterationInputs(run, visit, items);
  run.history.add(branch, 'MapStateStarted', { length: items.length });

  const abort = new AbortController();
  const signal = AbortSignal.any([branch.signal, abort.signal]);
  const outputs: Json[] = new Array(items.length).fill(null);
  let nextIndex = Math.min(items.length, concurrency || INLINE_CONCURRENCY, INLINE_CONCURRENCY);
  let lastSucceeded = branch.previousEventId;

  const start = (index: number, previousEventId: number): Branch => {
    const variables = { ...branch.variables };
    const mapItem = { Index: index, Value: items[index] as Json };
    const iteration: Branch = { previousEventId, variables, signal, mapItem };
    run.history.add(iteration, 'MapIterationStarted', { index, name });
    return iteration;
  };
  const lanes = Array.from(
    { length: nextIndex },
    (_, index): IterationLane => ({
      index,
      active: true,
      branch: start(index, branch.previousEventId),
    }),
  );
  const events = {
    failed: (lane: Lane) => iterationEvent('MapIterationFailed', lane as IterationLane, name),
    aborted: (lane: Lane) => iterationEvent('MapIterationAborted', lane as IterationLane, name),
  };
  await runConcurrently(run, visit, lanes, abort, events, async (lane) => {
    for (;;) {
      const { index } = lane;
      outputs[index] = await run.options.runStates(
        run,
        state.ItemProcessor,
        inputs[index] as Json,
        lane.branch,
      );
      lastSucceeded = run.history.addBeside(lane.branch, 'MapIterationSucceeded', { index, name });
      if (nextIndex >= items.length) return;
      lane.index = nextIndex;
      nextIndex += 1;
      lane.branch = start(lane.index, lane.branch.previousEventId);
    }
  });
  branch.previousEventId = lastSucceeded;
  run.history.addBeside(branch, 'MapStateSucceeded');
  return outputs;
}

function iterationEvent(type: string, { index }: IterationLane, name: string) {
  return { type, details: { index, name } };
}

/** The items of a Map that are in its input or in `Items`. Throws StateFailure. */
export async function itemsOf(run: Run, visit: Visit<MapState>): Promise<Json[]> {
  const { Items } = visit.state;
  if (Items !== undefined) return (await run.evaluateTyped(visit, 'Items', Items, 'array')) as Json[];
  if (Array.isArray(visit.input)) return visit.input;
  const message = `Map state input must be an array but was: ${JSON.stringify(visit.input)}`;
  throw run.evaluationFailed(visit, message);
}

/** The concurrency. AWS takes the tolerated failures on an inline Map too, where they have no effect. */
async function evaluateLimits(run: Run, visit: Visit<MapState>): Promise<number> {
  const { MaxConcurrency, ToleratedFailureCount, ToleratedFailurePercentage } = visit.state;
  const concurrency = await run.evaluateTyped(visit, 'MaxConcurrency', MaxConcurrency, 'number');
  await run.evaluateTyped(visit, 'ToleratedFailureCount', ToleratedFailureCount, 'number');
  await run.evaluateTyped(visit, 'ToleratedFailurePercentage', ToleratedFailurePercentage, 'number');
  return (concurrency ?? 0) as number;
}

async function iterationInputs(run: Run, visit: Visit<MapState>, items: Json[]): Promise<Json[]> {
  const { ItemSelector } = visit.state;
  if (ItemSelector === undefined) return items;
  const inputs: Json[] = [];
  for (const [Index, Value] of items.entries()) {
    const mapItem = { Index, Value };
    inputs.push(await run.evaluate({ ...visit, mapItem }, 'ItemSelector', ItemSelector));
  }
  return inputs;
}
