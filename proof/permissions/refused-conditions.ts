import type { AccessControl } from '../../local/iam/access-control.ts';
import type { ServicePrincipal } from '../../local/iam/evaluate.ts';
import { type ExplainedPolicies, grantsOf } from '../../permissions/explained-statement.ts';
import type { RefusedResult } from './refused.ts';

const OTHER_ACCOUNT = '999999999999';

/** What conditions have to refuse: the same call with another value of the condition's key. */
export function* proveConditions(
  access: AccessControl,
  policies: ExplainedPolicies,
): Generator<RefusedResult> {
  for (const { explained, action, resource } of grantsOf(policies)) {
    const { kind, holder, holderArn, statement } = explained;
    if (kind !== 'role' || !statement.Condition?.StringEquals?.['aws:ResourceAccount']) continue;
    const prefix = statement.Condition.StringLike?.['s3:prefix'];
    const conditions = {
      'aws:ResourceAccount': OTHER_ACCOUNT,
      ...(prefix && { 's3:prefix': example([prefix].flat()[0] ?? '') }),
    };
    const caller = access.identify(access.issueCredentials(holderArn).accessKeyId);
    const what = `${action} on ${policies.display(resource)} that belongs to another account`;
    yield {
      role: holder,
      what,
      ...answer(() => access.authorize(caller, { action, resource: example(resource), conditions })),
    };
  }
  for (const { name: role, arn, trust } of policies.roles) {
    for (const { what, by } of impostors(trust)) {
      yield { role, what: `be assumed by ${what}`, ...answer(() => access.assumeRole(arn, by)) };
    }
  }
}

/** Callers that look like the one that a role trusts. */
function impostors(
  trust: ExplainedPolicies['roles'][number]['trust'],
): { what: string; by: ServicePrincipal }[] {
  const other = { what: 'another service', by: { kind: 'service', service: 'ec2.amazonaws.com' } as const };
  const sourceArn = trust
    .map(({ Condition }) => Condition?.ArnLike?.['aws:SourceArn'])
    .find((value) => value !== undefined);
  const service = (trust[0]?.Principal as { Service?: string } | undefined)?.Service;
  if (sourceArn === undefined || service === undefined) return [other];
  const source = example([sourceArn].flat()[0] ?? '');
  const as = (arn?: string): ServicePrincipal => ({
    kind: 'service',
    service,
    ...(arn && { sourceArn: arn }),
  });
  return [
    other,
    { what: 'its service for another account', by: as(source.replace(/:\d{12}:/, `:${OTHER_ACCOUNT}:`)) },
    {
      what: 'its service for another kind of resource',
      by: as(source.replace(/:[^:/]+([:/])example$/, ':activity$1example')),
    },
    { what: 'its service for nothing in particular', by: as() },
  ];
}

/** Something that the pattern matches. */
function example(pattern: string): string {
  return pattern.replaceAll('*', 'example').replaceAll('?', 'x');
}

function answer(ask: () => unknown): Pick<RefusedResult, 'answer' | 'refused'> {
  try {
    ask();
    return { answer: 'allowed', refused: false };
  } catch (error) {
    const { name } = error as Error;
    return { answer: name, refused: name === 'AccessDeniedException' };
  }
}
