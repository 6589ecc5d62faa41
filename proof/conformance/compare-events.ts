import type { HistoryEvent } from '../../local/stepfunctions/history.ts';
import { isJsonObject, type Json } from '../../local/stepfunctions/json.ts';
import { compare, type Difference, type Placeholders } from './compare.ts';
import type { RecordedEvent } from './recorded-case.ts';

/** Fields of an event's details that are JSON text on AWS and parsed in a recording. */
const JSON_TEXT_FIELDS = new Set(['input', 'output', 'parameters']);

/**
 * The first difference between a recorded and an actual history. Events without an id lie somewhere between
 * their neighbours that have one: they are compared as a set, and `missing` of them may be absent.
 */
export function compareEvents(
  expected: readonly RecordedEvent[],
  actual: readonly HistoryEvent[],
  missing: number,
  placeholders: Placeholders,
): Difference | undefined {
  const parsed = actual.map(asRecorded);
  let unmatched = 0;
  for (let index = 0, nextId = 1; index < expected.length; ) {
    const event = expected[index] as RecordedEvent;
    if (event.id !== null) {
      const difference = compare(event, parsed[nextId - 1], placeholders, `events/${event.id}`);
      if (difference) return difference;
      index += 1;
      nextId += 1;
      continue;
    }
    const end = expected.findIndex(({ id }, at) => at > index && id !== null);
    const set = expected.slice(index, end < 0 ? undefined : end);
    const endId = end < 0 ? parsed.length + 1 : (expected[end]?.id as number);
    const left = parsed.slice(nextId - 1, endId - 1);
    const difference = compareSets(set, left, placeholders, `events/${nextId}…${endId - 1}`);
    if (difference) return difference;
    unmatched += left.length;
    index += set.length;
    nextId = endId;
  }
  const count = expected.length + missing;
  if (parsed.length !== count || unmatched !== missing) {
    return { path: 'events/length', expected: count, actual: parsed.length };
  }
  return undefined;
}

/** Takes each expected event out of `left`; the first one that is not there is the difference. */
function compareSets(
  expected: readonly RecordedEvent[],
  left: Record<string, unknown>[],
  placeholders: Placeholders,
  path: string,
): Difference | undefined {
  for (const event of expected) {
    const found = left.findIndex((other) => !compare(withoutIds(event), withoutIds(other), placeholders));
    if (found < 0) {
      const sameType = left.filter(({ type }) => type === event.type);
      return { path, expected: withoutIds(event), actual: sameType.map(withoutIds) };
    }
    left.splice(found, 1);
  }
  return undefined;
}

function withoutIds(event: Record<string, unknown>): object {
  const { id, previousEventId, ...rest } = event;
  return rest;
}

/** The event in the form of a recording, which has no time. */
function asRecorded({ timestamp, ...event }: HistoryEvent): Record<string, unknown> {
  return mapEntries(event, (_key, details) =>
    isJsonObject(details) ? mapEntries(details, (key, value) => parseField(key, value as Json)) : details,
  );
}

function parseField(field: string, value: Json): unknown {
  if (JSON_TEXT_FIELDS.has(field)) return JSON.parse(value as string);
  if (field === 'assignedVariables') {
    return mapEntries(value as object, (_name, text) => JSON.parse(text as string));
  }
  return value;
}

function mapEntries(object: object, map: (key: string, value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(key, value)]));
}
