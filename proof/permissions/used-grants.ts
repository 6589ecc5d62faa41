import type { LoggedCall } from '../../local/aws.ts';
import { evaluate, type ServicePrincipal } from '../../local/iam/evaluate.ts';
import type { Grant } from '../../permissions/explained-statement.ts';

/** The calls that a grant by itself would have allowed. */
export function callsOf({ explained, action, resource }: Grant, calls: readonly LoggedCall[]): LoggedCall[] {
  const { kind, holderArn, statement } = explained;
  const only = { ...statement, Action: action, Resource: resource };
  return calls.filter((call) => {
    if (call.decision !== 'Allow') return false;
    if (kind === 'role') {
      if (call.principal !== holderArn) return false;
      const caller = { kind: 'role', roleArn: holderArn, statements: [only] } as const;
      return evaluate(caller, [], call).decision === 'Allow';
    }
    const service: ServicePrincipal = { kind: 'service', service: call.principal };
    return evaluate(service, [only], call).decision === 'Allow';
  });
}
