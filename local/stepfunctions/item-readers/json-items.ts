import type { ReaderConfig } from '../definition.ts';
import { isJsonObject, type Json } from '../json.ts';
import { readerFailure } from './reader-failure.ts';

/**
 * The elements of an array, or the pairs `{ Key, Value }` of an object (belief).
 * Throws StateFailure `States.ItemReaderFailed`; its cause for what is neither was recorded on AWS.
 */
export function jsonItems(text: string, { ItemsPointer = '' }: ReaderConfig): Iterable<Json> {
  const items = find(parse(text, 'The JSON file'), ItemsPointer);
  if (Array.isArray(items)) return items;
  if (isJsonObject(items)) return Object.entries(items).map(([Key, Value]) => ({ Key, Value }));
  throw readerFailure('Attempting to map over non-iterable node.');
}

/** An item a line, of any type. Lines of nothing but blanks are no items (belief). */
export function* jsonLinesItems(text: string): Generator<Json> {
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    line += 1;
    const content = text.slice(start, end);
    if (content.trim() !== '') yield parse(content, `Line ${line} of the JSONL file`);
    start = end + 1;
  }
}

/** Belief: a pointer that finds nothing fails. */
function find(document: Json, pointer: string): Json {
  let found: Json | undefined = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = isJsonObject(found) || Array.isArray(found) ? (found as Record<string, Json>)[key] : undefined;
  }
  if (found === undefined) throw readerFailure(`ItemsPointer ${pointer} finds nothing in the JSON file.`);
  return found;
}

function parse(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw readerFailure(`${what} is not valid JSON: ${(error as Error).message}`);
  }
}
