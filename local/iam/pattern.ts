/**
 * Something in a policy that this machine does not evaluate. The caller denies and passes the message on:
 * a policy that is understood in part is not enforced in part.
 */
export class NotUnderstood extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'NotUnderstood';
  }
}

/** The values of the condition keys of one request. Names of keys are compared without case, as IAM does. */
export type ConditionContext = Readonly<Record<string, string>>;

/** The value of a condition key, or undefined where the request has none. */
export function contextValue(context: ConditionContext, key: string): string | undefined {
  const wanted = key.toLowerCase();
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

const VARIABLE = /\$\{([^}]*)\}/g;

/**
 * A policy's value with its variables (`${aws:PrincipalAccount}`, `${*}`) put in, split so that a `*` that
 * came out of a variable is no wildcard. Throws NotUnderstood for a variable that the request has no value for.
 */
function substitute(value: string, context: ConditionContext): { text: string; wild: boolean }[] {
  const parts: { text: string; wild: boolean }[] = [];
  let end = 0;
  for (const match of value.matchAll(VARIABLE)) {
    parts.push({ text: value.slice(end, match.index), wild: true });
    end = match.index + match[0].length;
    const name = match[1] ?? '';
    const text = ['*', '?', '$'].includes(name) ? name : contextValue(context, name);
    if (text === undefined) throw new NotUnderstood(`the policy variable \${${name}}`);
    parts.push({ text, wild: false });
  }
  parts.push({ text: value.slice(end), wild: true });
  return parts;
}

/** A policy's value with its variables put in, for operators that know no wildcards. */
export function literal(value: string, context: ConditionContext): string {
  return substitute(value, context)
    .map((part) => part.text)
    .join('');
}

/** Whether `actual` matches a policy's pattern: `*` is any text, `?` one character, variables are put in. */
export function matchesPattern(
  pattern: string,
  actual: string,
  context: ConditionContext = {},
  caseSensitive = true,
): boolean {
  const source = substitute(pattern, context)
    .map(({ text, wild }) => {
      const escaped = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return wild ? escaped.replaceAll('\\*', '.*').replaceAll('\\?', '.') : escaped;
    })
    .join('');
  return new RegExp(`^${source}$`, caseSensitive ? 's' : 'si').test(actual);
}

/** As `matchesPattern`, but each of an ARN's six parts by itself, as the Arn operators compare. */
export function matchesArn(pattern: string, actual: string, context: ConditionContext): boolean {
  const wanted = arnParts(pattern);
  const given = arnParts(actual);
  return (
    wanted.length === given.length && wanted.every((part, i) => matchesPattern(part, given[i] ?? '', context))
  );
}

function arnParts(arn: string): string[] {
  // The colon of a policy variable separates nothing.
  const parts = arn.split(/:(?![^{]*\})/);
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
