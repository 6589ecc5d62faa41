/** A statement of a bucket policy. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: string | { readonly AWS?: string | string[] };
  readonly NotPrincipal?: unknown;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** A write of an object by a role. */
export interface Write {
  readonly roleArn: string;
  readonly objectArn: string;
  /** What it sends, by the condition keys; undefined for what it does not. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * The statements of a bucket policy that refuse a write, by their Sids: certainly, or by conditions on what is not
 * known beforehand, such as a network or an organization.
 */
export function refusedByPolicy(
  statements: readonly PolicyStatement[],
  write: Write,
): { readonly certainly: string[]; readonly perhaps: string[] } {
  const found = { certainly: [] as string[], perhaps: [] as string[] };
  for (const [i, statement] of statements.entries()) {
    if (statement.Effect !== 'Deny' || !concerns(statement, write)) continue;
    const meets = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => holds(operator, key, [values].flat(), write)),
    );
    if (meets.includes(false)) continue;
    const kind = meets.includes(undefined) ? 'perhaps' : 'certainly';
    found[kind].push(statement.Sid ?? `its statement ${i + 1}`);
  }
  return found;
}

function concerns(
  { Principal, Action, NotAction, Resource, NotResource }: PolicyStatement,
  write: Write,
): boolean {
  const principals = typeof Principal === 'object' ? [Principal.AWS ?? []].flat() : [Principal ?? '*'];
  const isMeant = principals.some(
    (name) => name === '*' || name === write.roleArn || name.includes(accountOf(write)),
  );
  const matches = (patterns: string | string[] | undefined, text: string) =>
    [patterns ?? []].flat().some((pattern) => like(pattern, text));
  const isAction = NotAction ? !matches(NotAction, 's3:PutObject') : matches(Action, 's3:PutObject');
  const isObject = NotResource ? !matches(NotResource, write.objectArn) : matches(Resource, write.objectArn);
  return isMeant && isAction && isObject;
}

function accountOf({ roleArn }: Write): string {
  const [, , , , account = ''] = roleArn.split(':');
  return `:${account}:root`;
}

/** Whether a condition holds for the write; undefined where that is not known. */
function holds(operator: string, key: string, values: readonly string[], write: Write): boolean | undefined {
  const known: Record<string, string | undefined> = {
    ...write.headers,
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': write.roleArn,
    'aws:PrincipalAccount': write.roleArn.split(':')[4],
  };
  const name = Object.keys(known).find((each) => each.toLowerCase() === key.toLowerCase());
  if (name === undefined) return undefined;
  const value = known[name];
  if (operator === 'Null') return values.includes(String(value === undefined));
  const [, negated, , ifExists] =
    /^(?:String|Arn|Bool)(Not)?(Equals|Like|EqualsIgnoreCase)?(IfExists)?$/.exec(operator) ?? [];
  if (!/^(String|Arn|Bool)/.test(operator)) return undefined;
  if (value === undefined) return ifExists !== undefined || negated !== undefined;
  const matches = values.some((pattern) => like(pattern, value));
  return negated ? !matches : matches;
}

function like(pattern: string, text: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(text);
}
