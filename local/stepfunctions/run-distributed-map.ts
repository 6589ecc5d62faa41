import type { MapState } from './definition.ts';
import { type DistributedFields, distributedFields } from './distributed-fields.ts';
import { readItems } from './item-readers/read-items.ts';
import type { Json } from './json.ts';
import type { MapRun } from './map-run.ts';
import { childInputs } from './map-run-input.ts';
import { deliverResults } from './result-writer.ts';
import type { Run, StartedMapRun, Visit } from './run.ts';
import { itemsOf } from './run-map.ts';
import { StateFailure } from './state-failure.ts';

/** Whether the items of a Map run as executions of their own. */
export function isDistributed({ ItemProcessor }: MapState): boolean {
  return ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
}

/** Runs a Map Run, in a redrive the one that failed, and gives its results. Throws StateFailure. */
export async function runDistributedMap(run: Run, visit: Visit<MapState>): Promise<Json> {
  const { state, branch, mapRunToRedrive: redriven } = visit;
  visit.mapRunToRedrive = undefined;
  const stateItems = state.ItemReader ? undefined : await itemsOf(run, visit);
  if (!redriven) run.history.add(branch, 'MapStateStarted', { length: stateItems?.length ?? 0 });
  const startedEventId = branch.previousEventId;
  const fields = await distributedFields(run, visit);
  const mapRun = redriven ? redrive(run, visit, redriven) : start(run, visit, fields, startedEventId);
  const lineEventId = branch.previousEventId;
  try {
    if (redriven) mapRun.redrive();
    if (!mapRun.hasItems) {
      const items = await itemsFor(run, visit, fields, stateItems);
      mapRun.takeItems(await childInputs(run, visit, items, fields.batching));
    }
    await mapRun.run(branch.signal);
    const output = await deliver(run, visit, mapRun, fields);
    branch.signal.throwIfAborted();
    mapRun.end('SUCCEEDED');
    run.history.add(branch, 'MapRunSucceeded');
    run.history.add(branch, 'MapStateSucceeded');
    // Recorded on AWS: what comes next follows the event with which the run began.
    branch.previousEventId = lineEventId;
    return output;
  } catch (failure) {
    await fail(run, visit, mapRun, fields, failure);
    throw failure;
  }
}

function start(
  run: Run,
  visit: Visit<MapState>,
  { limits }: DistributedFields,
  startedEventId: number,
): MapRun {
  const { state, branch, name } = visit;
  const mapRun = run.options.startMapRun({
    caller: run.callerOf(visit),
    label: state.Label,
    stateName: name,
    processor: state.ItemProcessor,
    limits,
  });
  run.history.add(branch, 'MapRunStarted', { mapRunArn: mapRun.arn });
  if (branch.position) branch.position = { ...branch.position, mapRun: { run: mapRun, startedEventId } };
  return mapRun;
}

function redrive(run: Run, { branch }: Visit<MapState>, redriven: StartedMapRun): MapRun {
  const { arn: mapRunArn, redriveCount } = redriven.run;
  const details = { mapRunArn, redriveCount: redriveCount + 1 };
  branch.previousEventId = redriven.startedEventId;
  run.history.add(branch, 'MapRunRedriven', details);
  if (branch.position) branch.position = { ...branch.position, mapRun: redriven };
  return redriven.run;
}

async function itemsFor(
  run: Run,
  visit: Visit<MapState>,
  { reader }: DistributedFields,
  stateItems: Json[] | undefined,
) {
  if (reader) return readItems(reader, run.options.services, run.callerOf(visit));
  return { items: stateItems ?? [], source: 'STATE_DATA' };
}

function deliver(
  run: Run,
  visit: Visit<MapState>,
  mapRun: MapRun,
  { target }: DistributedFields,
): Promise<Json> {
  return deliverResults(mapRun, target, run.options.services, run.callerOf(visit));
}

/** Ends the run. What ended by then is written also where it fails, and (belief) where it is stopped. */
async function fail(
  run: Run,
  visit: Visit<MapState>,
  mapRun: MapRun,
  fields: DistributedFields,
  failure: unknown,
): Promise<void> {
  const { branch } = visit;
  const written =
    fields.target.args === undefined || !mapRun.hasItems
      ? Promise.resolve()
      : deliver(run, visit, mapRun, fields).then(
          () => {},
          () => {}, // That it failed, or how, says more.
        );
  if (branch.signal.aborted) return mapRun.end('ABORTED');
  if (!(failure instanceof StateFailure)) return mapRun.end('FAILED');
  await written;
  if (branch.signal.aborted) return mapRun.end('ABORTED');
  mapRun.end('FAILED');
  const { error, causeText } = failure;
  run.history.add(branch, 'MapRunFailed', { error, cause: causeText });
}
