import { AwsError } from '../../aws.ts';
import type { ReaderConfig } from '../definition.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { TaskCaller, TaskServices } from '../task-services.ts';
import { csvItems } from './csv-items.ts';
import { jsonItems, jsonLinesItems } from './json-items.ts';
import { readerFailure } from './reader-failure.ts';

/** An ItemReader, evaluated. */
export interface ItemSource {
  readonly args: Json;
  readonly config: ReaderConfig;
  readonly maxItems: number;
}

export interface ReadItems {
  readonly items: Json[];
  /** As `$states.context.Map.Item.Source` has it. */
  readonly source: string;
}

/** Reads the items of a distributed Map. Throws StateFailure `States.ItemReaderFailed`. */
export async function readItems(
  { args, config, maxItems }: ItemSource,
  services: TaskServices,
  caller: TaskCaller,
): Promise<ReadItems> {
  const { Bucket: bucket, Key: key, ExpectedBucketOwner: owner } = isJsonObject(args) ? args : {};
  if (typeof bucket !== 'string') throw readerFailure('The argument Bucket must be a text');
  if (typeof key !== 'string') throw readerFailure('The argument Key must be a text');
  if (maxItems < 0) throw readerFailure('field MaxItems must be positive');
  try {
    const bytes = await services.getObject({
      bucket,
      key,
      ...(typeof owner === 'string' && { expectedBucketOwner: owner }),
      caller,
    });
    const items = firstOf(itemsIn(bytes.toString('utf8'), config), maxItems || Number.POSITIVE_INFINITY);
    return { items, source: `s3://${bucket}/${key}` };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Belief: in the words of AWS's SDK of today.
    throw readerFailure(`${error.message} (Service: S3, Status Code: ${error.status})`);
  }
}

function itemsIn(text: string, config: ReaderConfig): Iterable<Json> {
  switch (config.InputType) {
    case 'CSV':
      return csvItems(text, config);
    case 'JSON':
      return jsonItems(text, config);
    case 'JSONL':
      return jsonLinesItems(text);
  }
}

function firstOf(all: Iterable<Json>, count: number): Json[] {
  const items: Json[] = [];
  for (const item of all) {
    if (items.push(item) >= count) break;
  }
  return items;
}
