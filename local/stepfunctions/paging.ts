import { AwsError } from '../aws.ts';

/** Page size where the caller names none, and the largest, as for all of Step Functions' lists. */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

export interface PageRequest {
  /** 0 or absent for the default. */
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/**
 * The page of the wanted items that follows `nextToken`. `keyOf` names an item for good, so that a list that
 * grows, or an item that is no longer wanted, between two pages neither skips nor repeats any; `scope` ties
 * a token to its request. Throws AwsError `InvalidToken` for a token of another request,
 * `ValidationException` for a bad size.
 */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  scope: string,
  { maxResults = 0, nextToken }: PageRequest,
  wanted: (item: T) => boolean = () => true,
): Page<T> {
  if (!Number.isInteger(maxResults) || maxResults < 0 || maxResults > MAX_PAGE) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${maxResults}' at 'maxResults' failed to satisfy constraint: ` +
        `Member must be between 0 and ${MAX_PAGE}`,
    );
  }
  const size = maxResults || DEFAULT_PAGE;
  const start = nextToken === undefined ? 0 : startAfter(all, keyOf, scope, nextToken);
  const rest = all.slice(start).filter(wanted);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  return { items, nextToken: last && rest.length > size ? encode(scope, keyOf(last)) : undefined };
}

function startAfter<T>(all: readonly T[], keyOf: (item: T) => string, scope: string, token: string): number {
  const key = Buffer.from(token, 'base64url').toString('utf8').split('\n').at(-1);
  const index = all.findIndex((item) => keyOf(item) === key);
  if (index < 0 || encode(scope, String(key)) !== token) {
    throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  }
  return index + 1;
}

function encode(scope: string, key: string): string {
  return Buffer.from(`${scope}\n${key}`).toString('base64url');
}
