import type { DecidedCall } from '../cli/console/one-machine-view.ts';
import type { LoggedCall, PolicyStatement } from '../local/aws.ts';
import { evaluate } from '../local/iam/evaluate.ts';
import type { ExplainedPolicies } from './explained-statement.ts';

type Grant = NonNullable<DecidedCall['grant']>;

/** Tells of calls that IAM has decided which grant allowed them, and why the caller has it. */
export function decidedCalls({ roles, statements, display }: ExplainedPolicies): {
  decided(call: LoggedCall, number: number): DecidedCall;
} {
  const nameOfRole = new Map(roles.map(({ arn, name }) => [arn, name]));

  function grantOf(call: LoggedCall): Grant | undefined {
    const { principal, action, resource, decision } = call;
    const isRole = principal.startsWith('arn:');
    const decides = (statement: PolicyStatement, by: 'identity' | 'resource') => {
      const own = by === 'identity' ? [statement] : [];
      const caller = isRole
        ? ({ kind: 'role', roleArn: principal, statements: own } as const)
        : ({ kind: 'service', service: principal } as const);
      const answer = evaluate(caller, by === 'resource' ? [statement] : [], call);
      return decision === 'Allow'
        ? answer.decision === 'Allow'
        : answer.reason.startsWith('with an explicit');
    };
    if (action === 'sts:AssumeRole') {
      const role = roles.find(({ arn }) => arn === resource);
      const [trust] = role?.trust ?? [];
      return trust && { name: `trust policy of ${role?.name}`, statement: JSON.stringify(trust) };
    }
    const found = statements.find(({ kind, holderArn, statement }) => {
      if (kind === 'managed policy') return false;
      if (kind === 'role') return holderArn === principal && decides(statement, 'identity');
      return isAttached(holderArn, resource) && decides(statement, 'resource');
    });
    if (!found) return undefined;
    return { ...named(found.statement, found.holder), ...(found.why && { why: found.why }) };
  }

  function named(statement: PolicyStatement, holder: string): Grant {
    const name = statement.Sid ?? [statement.Action ?? []].flat().join(', ');
    return { name: `${holder}: ${name}`, statement: display(JSON.stringify(statement)) };
  }

  return {
    decided(call, number) {
      const { principal, action, resource, decision, reason = '', at = 0 } = call;
      const grant = grantOf(call);
      return {
        number,
        at,
        caller: nameOfRole.get(principal) ?? principal.split('/').at(-1) ?? principal,
        action,
        resource: display(resource),
        decision,
        reason,
        ...(grant && { grant }),
      };
    },
  };
}

/** Whether a policy is that of a resource, or of what it is in. */
function isAttached(arn: string, resource: string): boolean {
  return resource === arn || resource.startsWith(`${arn}/`) || resource.startsWith(`${arn}:`);
}
