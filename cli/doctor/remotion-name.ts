/** What the name of a Remotion function says. */
export interface FunctionNameParts {
  /** E.g. `4-0-527`. */
  readonly version: string;
  /** In MB. */
  readonly memory: number;
  /** In MB. */
  readonly disk: number;
  /** In seconds. */
  readonly timeout: number;
}

/**
 * Reads the name of a Remotion function; undefined of any other.
 * Source: https://www.remotion.dev/docs/lambda/naming-convention
 */
export function readFunctionName(name: string): FunctionNameParts | undefined {
  const match = /^remotion-render-(.+)-mem(\d+)mb-disk(\d+)mb-(\d+)sec$/.exec(name);
  if (!match) return undefined;
  const [, version = '', memory, disk, timeout] = match;
  return { version, memory: Number(memory), disk: Number(disk), timeout: Number(timeout) };
}

/** `4.0.527` of `4-0-527`. */
export function dottedVersion(version: string): string {
  return version.replace(/^(\d+)-(\d+)-/, '$1.$2.');
}
