/** Any JSON value, as it passes between states. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

/** Bytes of JSON that a state may take or give. */
export const MAX_DATA_BYTES = 262_144;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes of the text in UTF-8, the measure of Step Functions' size limits. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
