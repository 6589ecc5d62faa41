import type { MapState, WriterConfig } from './definition.ts';
import type { ItemSource } from './item-readers/read-items.ts';
import type { Json } from './json.ts';
import type { MapRunLimits } from './map-run.ts';
import type { Run, Visit } from './run.ts';

/** An ItemBatcher, evaluated. */
export interface Batching {
  readonly maxItems: number | undefined;
  readonly maxBytes: number | undefined;
  readonly batchInput: Json | undefined;
}

/** A ResultWriter, evaluated. */
export interface ResultTarget {
  /** `Bucket` and `Prefix`; absent where the results are the state's output. */
  readonly args?: Json;
  readonly config: WriterConfig;
}

/** What a distributed Map says beside its items, evaluated. */
export interface DistributedFields {
  readonly limits: MapRunLimits;
  readonly reader?: ItemSource;
  readonly batching?: Batching;
  readonly target: ResultTarget;
}

/** Throws StateFailure; FieldRefused for a number that is out of range, in AWS's words where they are known. */
export async function distributedFields(run: Run, visit: Visit<MapState>): Promise<DistributedFields> {
  return {
    limits: await limitsOf(run, visit),
    ...(await readerOf(run, visit)),
    ...(await batchingOf(run, visit)),
    target: await targetOf(run, visit),
  };
}

async function limitsOf(run: Run, visit: Visit<MapState>): Promise<MapRunLimits> {
  const { MaxConcurrency, ToleratedFailureCount, ToleratedFailurePercentage } = visit.state;
  const maxConcurrency = await integer(run, visit, 'MaxConcurrency', MaxConcurrency);
  const count = await integer(run, visit, 'ToleratedFailureCount', ToleratedFailureCount);
  const percentage = await number(run, visit, 'ToleratedFailurePercentage', ToleratedFailurePercentage);
  for (const [field, value] of Object.entries({
    MaxConcurrency: maxConcurrency,
    ToleratedFailureCount: count,
  })) {
    if (value !== undefined && value < 0) throw run.refused(visit, `${field} cannot be negative.`);
  }
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    throw run.refused(visit, 'ToleratedFailurePercentage must be between 0 and 100.');
  }
  return {
    maxConcurrency: maxConcurrency ?? 0,
    ...(count !== undefined && { toleratedFailureCount: count }),
    ...(percentage !== undefined && { toleratedFailurePercentage: percentage }),
  };
}

async function readerOf(run: Run, visit: Visit<MapState>): Promise<{ reader?: ItemSource }> {
  const { ItemReader } = visit.state;
  if (!ItemReader) return {};
  const { Arguments, ReaderConfig: config } = ItemReader;
  const args = await run.evaluate(visit, 'ItemReader/Arguments', Arguments);
  const maxItems = await integer(run, visit, 'ItemReader/ReaderConfig/MaxItems', config.MaxItems);
  return { reader: { args, config, maxItems: maxItems ?? 0 } };
}

async function batchingOf(run: Run, visit: Visit<MapState>): Promise<{ batching?: Batching }> {
  const { ItemBatcher } = visit.state;
  if (!ItemBatcher) return {};
  const { MaxItemsPerBatch, MaxInputBytesPerBatch, BatchInput } = ItemBatcher;
  const limit = async (field: string, template: Json | undefined) => {
    const value = await integer(run, visit, `ItemBatcher/${field}`, template);
    if (value !== undefined && value < 1) throw run.refused(visit, `${field} must be positive.`);
    return value;
  };
  return {
    batching: {
      maxItems: await limit('MaxItemsPerBatch', MaxItemsPerBatch),
      maxBytes: await limit('MaxInputBytesPerBatch', MaxInputBytesPerBatch),
      batchInput: BatchInput && (await run.evaluate(visit, 'ItemBatcher/BatchInput', BatchInput)),
    },
  };
}

async function targetOf(run: Run, visit: Visit<MapState>): Promise<ResultTarget> {
  const { Resource, Arguments = {}, WriterConfig } = visit.state.ResultWriter ?? {};
  if (Resource === undefined) {
    return { config: WriterConfig ?? { Transformation: 'COMPACT', OutputType: 'JSON' } };
  }
  return {
    args: await run.evaluate(visit, 'ResultWriter/Arguments', Arguments),
    config: WriterConfig ?? { Transformation: 'NONE', OutputType: 'JSON' },
  };
}

async function integer(
  run: Run,
  visit: Visit<MapState>,
  field: string,
  template: Json | undefined,
): Promise<number | undefined> {
  const value = await number(run, visit, field, template);
  if (value !== undefined && !Number.isInteger(value)) {
    // Recorded for fields of JSONPath; for JSONata it is belief.
    const name = field.split('/').at(-1);
    throw run.refused(visit, `The ${name} field refers to value "${value}" which is not a valid integer`);
  }
  return value;
}

async function number(
  run: Run,
  visit: Visit<MapState>,
  field: string,
  template: Json | undefined,
): Promise<number | undefined> {
  return (await run.evaluateTyped(visit, field, template, 'number')) as number | undefined;
}
