import { type Authorization, LOCAL_ACCOUNT_ID, type PolicyStatement, type Principal } from '../aws.ts';
import { conditionHolds } from './conditions.ts';
import { matchesPattern, NotUnderstood } from './pattern.ts';

/** An AWS service acting for a resource of this account, e.g. EventBridge sending to a dead-letter queue. */
export interface ServicePrincipal {
  readonly kind: 'service';
  /** E.g. `events.amazonaws.com`. */
  readonly service: string;
  /** The resource for which the service acts: the rule, the state machine. */
  readonly sourceArn?: string;
}

/** Whoever IAM can be asked about. */
export type Caller = Principal | ServicePrincipal;

/** What IAM answers. The reason reads as the end of AWS's own message. */
export interface Decision {
  readonly decision: 'Allow' | 'Deny';
  readonly reason: string;
}

const ELEMENTS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'Condition',
];

/**
 * IAM's evaluation within one account: an explicit deny wins; else the caller's own policies or a resource
 * policy that names the caller must allow; else it is denied. What is not understood denies and says so.
 *
 * @param resourceStatements the policy of the bucket, queue, function or (for `sts:AssumeRole`) role
 */
export function evaluate(
  caller: Caller,
  resourceStatements: readonly PolicyStatement[],
  authorization: Authorization,
): Decision {
  if (caller.kind === 'administrator')
    return { decision: 'Allow', reason: 'the caller is the administrator' };
  const identityStatements = caller.kind === 'role' ? caller.statements : [];
  try {
    const identity = identityStatements.filter((statement) => applies(statement, authorization));
    const resource = resourceStatements
      .map((statement) => ({ statement, principal: matchPrincipal(statement.Principal, caller) }))
      .filter(({ statement, principal }) => principal !== 'other' && applies(statement, authorization));

    const denied = (by: string): Decision => ({ decision: 'Deny', reason: `with an explicit deny in ${by}` });
    if (identity.some((statement) => statement.Effect === 'Deny')) return denied('an identity-based policy');
    if (resource.some(({ statement }) => statement.Effect === 'Deny'))
      return denied('a resource-based policy');

    if (identity.length > 0) return { decision: 'Allow', reason: 'an identity-based policy allows it' };
    // A resource policy that names the account leaves the decision to the account's identity policies.
    if (resource.some(({ principal }) => principal === 'caller'))
      return { decision: 'Allow', reason: 'a resource-based policy allows it' };
    const kind = caller.kind === 'role' ? 'identity-based' : 'resource-based';
    return {
      decision: 'Deny',
      reason: `because no ${kind} policy allows the ${authorization.action} action`,
    };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { decision: 'Deny', reason: `because this machine does not understand ${error.message}` };
  }
}

function applies(statement: PolicyStatement, { action, resource, conditions = {} }: Authorization): boolean {
  const unknown = Object.keys(statement).find((element) => !ELEMENTS.includes(element));
  if (unknown) throw new NotUnderstood(`the policy element ${unknown}`);
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
    throw new NotUnderstood(`the effect ${statement.Effect}`);
  const { Action, NotAction, Resource, NotResource } = statement;
  return (
    listed('Action', Action, NotAction, (pattern) => matchesPattern(pattern, action, {}, false)) &&
    listed('Resource', Resource, NotResource, (pattern) => matchesPattern(pattern, resource, conditions)) &&
    conditionHolds(statement.Condition, conditions)
  );
}

function listed(
  element: string,
  positive: string | string[] | undefined,
  negative: string | string[] | undefined,
  matches: (pattern: string) => boolean,
): boolean {
  if ((positive === undefined) === (negative === undefined))
    throw new NotUnderstood(`a statement that has not exactly one of ${element} and Not${element}`);
  return positive === undefined ? ![negative ?? []].flat().some(matches) : [positive].flat().some(matches);
}

/** Whether a resource policy's Principal is the caller itself, only its account, or somebody else. */
function matchPrincipal(principal: unknown, caller: Caller): 'caller' | 'account' | 'other' {
  if (principal === '*') return 'caller';
  if (typeof principal !== 'object' || principal === null)
    throw new NotUnderstood(`the principal ${JSON.stringify(principal)}`);
  const matches = Object.entries(principal).flatMap(([type, names]) =>
    [names as string | string[]].flat().map((name) => matchName(type, name, caller)),
  );
  return matches.includes('caller') ? 'caller' : matches.includes('account') ? 'account' : 'other';
}

function matchName(type: string, name: string, caller: Caller): 'caller' | 'account' | 'other' {
  switch (type) {
    case 'AWS':
      if (name === '*') return 'caller';
      if (caller.kind !== 'role') return 'other';
      if (name === caller.roleArn) return 'caller';
      if (name.includes(':assumed-role/')) throw new NotUnderstood(`the principal ${name}, a role's session`);
      return name === LOCAL_ACCOUNT_ID || name === `arn:aws:iam::${LOCAL_ACCOUNT_ID}:root`
        ? 'account'
        : 'other';
    case 'Service':
      return caller.kind === 'service' && name === caller.service ? 'caller' : 'other';
    case 'Federated':
      return 'other';
    default:
      throw new NotUnderstood(`a principal of type ${type}`);
  }
}
