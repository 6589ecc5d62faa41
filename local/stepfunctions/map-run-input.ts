import type { MapState } from './definition.ts';
import type { Batching } from './distributed-fields.ts';
import type { ReadItems } from './item-readers/read-items.ts';
import { byteLength, type Json, MAX_DATA_BYTES } from './json.ts';
import type { ChildInput } from './map-run.ts';
import type { Run, Visit } from './run.ts';
import { StateFailure } from './state-failure.ts';

/** After so many items the rest of the machine has a turn. */
const ITEMS_PER_TURN = 500;

/**
 * What the executions of a Map Run take: an item, or what ItemSelector makes of it, or a batch of these.
 * Throws StateFailure, `States.DataLimitExceeded` for what no execution can take (belief).
 */
export async function childInputs(
  run: Run,
  visit: Visit<MapState>,
  { items, source }: ReadItems,
  batching: Batching | undefined,
): Promise<ChildInput[]> {
  const inputs: ChildInput[] = [];
  const add = (inputText: string, itemCount: number, index: number) => {
    if (byteLength(inputText) > MAX_DATA_BYTES) {
      throw new StateFailure(
        'States.DataLimitExceeded',
        `The input of the item at index ${index} exceeds the maximum number of bytes service limit.`,
      );
    }
    inputs.push({ inputText, itemCount });
  };
  const texts: string[] = [];
  for (const [index, item] of items.entries()) {
    texts.push(JSON.stringify(await selected(run, visit, item, index, source)));
    if (index % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) await run.options.clock.sleep(0, visit.branch.signal);
  }
  if (!batching) {
    for (const [index, text] of texts.entries()) add(text, 1, index);
    return inputs;
  }
  let first = 0;
  for (const batch of batchesOf(texts, batching)) {
    add(batchText(batch, batching), batch.length, first);
    first += batch.length;
  }
  return inputs;
}

async function selected(
  run: Run,
  visit: Visit<MapState>,
  Value: Json,
  Index: number,
  Source: string,
): Promise<Json> {
  const { ItemSelector } = visit.state;
  if (ItemSelector === undefined) return Value;
  return run.evaluate({ ...visit, mapItem: { Index, Value, Source } }, 'ItemSelector', ItemSelector);
}

/** An item that is too large for the limit is a batch of its own (belief). */
function* batchesOf(texts: readonly string[], batching: Batching): Generator<string[]> {
  const { maxItems = Number.POSITIVE_INFINITY, maxBytes = MAX_DATA_BYTES } = batching;
  const emptyBytes = byteLength(batchText([], batching));
  let batch: string[] = [];
  let bytes = emptyBytes;
  for (const text of texts) {
    const size = byteLength(text) + 1;
    if (batch.length > 0 && (batch.length >= maxItems || bytes + size - 1 > maxBytes)) {
      yield batch;
      batch = [];
      bytes = emptyBytes;
    }
    batch.push(text);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function batchText(texts: readonly string[], { batchInput }: Batching): string {
  const input = batchInput === undefined ? '' : `"BatchInput":${JSON.stringify(batchInput)},`;
  return `{${input}"Items":[${texts.join(',')}]}`;
}
