import { type Authorization, AwsError, type AwsRequest, type LocalService } from '../aws.ts';
import type { AccessControl } from './access-control.ts';

const NAMESPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';

/** IAM's SimulatePrincipalPolicy, of roles. */
export function createIamService(access: Pick<AccessControl, 'simulate'>): LocalService {
  return {
    signingName: 'iam',
    authorizations(request): Authorization[] {
      const parameters = parametersOf(request);
      const operation = parameters.get('Action');
      if (operation !== 'SimulatePrincipalPolicy')
        throw new AwsError('NotImplemented', `The one-machine run does not do iam:${operation}.`, 501);
      return [{ action: `iam:${operation}`, resource: parameters.get('PolicySourceArn') ?? '' }];
    },
    async handle(request) {
      const parameters = parametersOf(request);
      const list = (name: string) =>
        [...parameters].flatMap(([key, value]) => (key.startsWith(`${name}.member.`) ? [value] : []));
      const conditions = contextOf(parameters);
      const results = list('ActionNames').flatMap((action) =>
        list('ResourceArns').map((resource) => {
          const { decision, reason } = access.simulate(parameters.get('PolicySourceArn') ?? '', {
            action,
            resource,
            conditions,
          });
          const denied = reason.includes('explicit deny') ? 'explicitDeny' : 'implicitDeny';
          return `<member><EvalActionName>${action}</EvalActionName><EvalResourceName>${resource}</EvalResourceName><EvalDecision>${decision === 'Allow' ? 'allowed' : denied}</EvalDecision></member>`;
        }),
      );
      return xml(
        200,
        `<SimulatePrincipalPolicyResponse xmlns="${NAMESPACE}"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>` +
          `<EvaluationResults>${results.join('')}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`,
      );
    },
    errorResponse: ({ code, message, status }) =>
      xml(
        status,
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type>` +
          `<Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      ),
  };
}

/** Condition keys of one value each. */
function contextOf(parameters: URLSearchParams): Record<string, string> {
  const conditions: Record<string, string> = {};
  for (let i = 1; ; i++) {
    const entry = `ContextEntries.member.${i}`;
    const key = parameters.get(`${entry}.ContextKeyName`);
    if (key === null) return conditions;
    conditions[key] = parameters.get(`${entry}.ContextKeyValues.member.1`) ?? '';
  }
}

function parametersOf({ body }: AwsRequest): URLSearchParams {
  return new URLSearchParams(body.toString());
}

function xml(status: number, body: string) {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
