import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Json } from './json.ts';

const HASH_ALGORITHMS: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const formatTime = jsonata('$fromMillis($milliseconds, $picture, $timezone)');

/** Where the functions that are not pure get their values. */
export interface FunctionSources {
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  uuid(): string;
}

/**
 * The functions that Step Functions adds to JSONata, `$now`, `$millis` and `$random` on the engine's own
 * sources, and `$eval`, which Step Functions does not have.
 */
export function jsonataFunctions(sources: FunctionSources): Record<string, unknown> {
  return {
    partition,
    range,
    hash,
    parse: (text: string): Json | undefined => (text === undefined ? undefined : JSON.parse(text)),
    random: (seed?: number) => (seed === undefined ? sources.random() : seededRandom(seed)),
    uuid: () => sources.uuid(),
    millis: () => sources.now(),
    now: (picture?: string, timezone?: string) =>
      formatTime.evaluate(undefined, { milliseconds: sources.now(), picture, timezone }),
    eval: undefined,
  };
}

function partition(array: Json, size: number): Json[][] | undefined {
  if (array === undefined) return undefined;
  if (!Number.isInteger(size) || size < 1) throw new Error('$partition needs a size of at least 1');
  const items = Array.isArray(array) ? array : [array];
  const parts: Json[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}

/** Inclusive on both ends. Recorded on AWS: a range of one number is that number, as with JSONata's sequences. */
function range(first: number, last: number, step: number): number[] {
  if (![first, last, step].every(Number.isFinite) || step === 0) {
    throw new Error('$range needs a first number, a last number and a step that is not 0');
  }
  const numbers: number[] = [];
  for (let n = first; step > 0 ? n <= last : n >= last; n += step) numbers.push(n);
  return Object.assign(numbers, { sequence: true });
}

function hash(content: string, algorithm = 'SHA-256'): string | undefined {
  if (content === undefined) return undefined;
  const name = HASH_ALGORITHMS[algorithm];
  if (!name) throw new Error(`$hash knows ${Object.keys(HASH_ALGORITHMS).join(', ')}, not ${algorithm}`);
  return createHash(name).update(content).digest('hex');
}

/** The same seed gives the same number; which number is not AWS's. */
function seededRandom(seed: number): number {
  const bytes = createHash('sha256').update(String(seed)).digest();
  return bytes.readUInt32BE() / 2 ** 32;
}
