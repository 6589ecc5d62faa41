import type { HistoryEvent } from '../../local/stepfunctions/history.ts';
import { isJsonObject, type Json } from '../../local/stepfunctions/json.ts';

/** Where keys of a cause do not count, it is JSON: the value without them, its unquoted placeholders as texts. */
export function readCause(cause: unknown, ignored: readonly string[]): unknown {
  if (typeof cause !== 'string' || ignored.length === 0) return cause;
  try {
    const value = JSON.parse(cause.replace(/:(<[\w-]+>)/g, ':"$1"')) as Json;
    if (!isJsonObject(value)) return cause;
    return Object.fromEntries(Object.entries(value).filter(([key]) => !ignored.includes(key)));
  } catch {
    return cause;
  }
}

/** The events, with each cause in their details read so. */
export function withReadCauses<T extends HistoryEvent | Record<string, unknown>>(
  events: readonly T[],
  ignored: readonly string[],
): T[] {
  return events.map((event) => {
    const entries = Object.entries(event).map(([key, details]) => {
      if (!isJsonObject(details) || !('cause' in details)) return [key, details];
      return [key, { ...details, cause: readCause(details.cause, ignored) }];
    });
    return Object.fromEntries(entries) as T;
  });
}
