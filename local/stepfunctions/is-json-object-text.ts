import { isJsonObject } from './json.ts';

/** Whether a text is JSON, and that of an object. */
export function isJsonObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}
