import { isJsonObject } from '../../local/stepfunctions/json.ts';

/** Where a replay first differs from its recording. */
export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Values that AWS made up for one run: the recording has a placeholder, and any value matches it. */
export type Placeholders = ReadonlySet<string>;

/** The HTTP envelope of Lambda's answer: it must be there, what is in it is of one run. */
const ENVELOPE_KEYS = new Set(['SdkHttpMetadata', 'SdkResponseMetadata']);

/** Keys left out of the comparison: which role a machine had is of one run. */
const IGNORED_KEYS = new Set(['roleArn', 'RoleArn']);

/** Keys that AWS has added since the older recordings: fine if only the replay has them. */
const ADDED_KEYS = new Set(['RedriveCount']);

/** The first difference between two JSON values, or undefined if they are equal. */
export function compare(
  expected: unknown,
  actual: unknown,
  placeholders: Placeholders,
  path = '',
): Difference | undefined {
  if (typeof expected === 'string' && matches(expected, actual, placeholders)) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length);
    for (let index = 0; index < length; index += 1) {
      const difference = compare(expected[index], actual[index], placeholders, `${path}/${index}`);
      if (difference) return difference;
    }
    return undefined;
  }
  if (isJsonObject(expected) && isJsonObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      if (IGNORED_KEYS.has(key) || (ADDED_KEYS.has(key) && !(key in expected))) continue;
      const skip = ENVELOPE_KEYS.has(key) && key in expected && key in actual;
      const difference = skip
        ? undefined
        : compare(expected[key], actual[key], placeholders, `${path}/${key}`);
      if (difference) return difference;
    }
    return undefined;
  }
  return expected === actual ? undefined : { path, expected, actual };
}

/** Whether the value is the text, where each placeholder in the text stands for anything. */
function matches(expected: string, actual: unknown, placeholders: Placeholders): boolean {
  if (expected === actual || placeholders.has(expected)) return true;
  return typeof actual === 'string' && patternOf(expected, placeholders).test(actual);
}

/** What matches the whole text, where each placeholder in it (`<…>`) stands for anything. */
export function patternOf(text: string, placeholders: Placeholders): RegExp {
  const used = [...placeholders].filter((name) => name.startsWith('<') && text.includes(name));
  if (used.length === 0) return new RegExp(`^${escapePattern(text)}$`);
  const anyOf = new RegExp(used.map(escapePattern).join('|'));
  return new RegExp(`^${text.split(anyOf).map(escapePattern).join('.*')}$`, 's');
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
