import { UsageError } from './usage-error.ts';

/**
 * Reads values of the CDK context from a command line.
 *
 * @param given Each as `name=value`.
 * @throws UsageError naming the one that is not.
 */
export function parseContextValues(given: readonly string[] = []): Record<string, string> {
  const pairs = given.map((text) => {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--context is ${JSON.stringify(text)}; expected NAME=VALUE.`);
    return [name, value];
  });
  return Object.fromEntries(pairs);
}
