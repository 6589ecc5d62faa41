import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { explainGrants, type GrantReason } from './grant-reasons.ts';

/** One statement of a step's policy, and its reason. */
export interface StepGrant extends GrantReason {
  readonly sid: string;
  /** ARNs, with a wildcard only where a name is made at run time. */
  readonly resources: readonly string[];
  /** Conditions of the statement: operator → key → accepted values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Only the workflow needs it, not everybody who takes this step with Remotion's client. */
  readonly workflowOnly?: boolean;
}

export function toPolicyStatement({ sid, actions, resources, conditions }: StepGrant): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: [...actions],
    resources: [...resources],
    ...(conditions && { conditions }),
  });
}

/** Gives grants to a role, with their reasons. */
export function grantToRole(role: Role, ...grants: readonly StepGrant[]): void {
  for (const grant of grants) {
    role.addToPolicy(toPolicyStatement(grant));
    acknowledgeWildcards(role, grant);
  }
  explainGrants(role, ...grants);
}

/** Tells cdk-nag the reason of each wildcard of a grant of a role or policy, and of nothing else. */
export function acknowledgeWildcards(construct: Construct, { resources, why }: StepGrant): void {
  for (const resource of resources.map((arn) => flatten(Stack.of(construct).resolve(arn)))) {
    if (!resource.includes('*')) continue;
    Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: why });
  }
}

type Resolved =
  | string
  | { Ref: string }
  | { 'Fn::GetAtt': string[] }
  | { 'Fn::Join': [string, Resolved[]] }
  | { 'Fn::Sub': Resolved }
  | { 'Fn::ImportValue': Resolved };

/** Spells a resolved ARN as cdk-nag does in the ids of its findings. */
function flatten(arn: Resolved): string {
  if (typeof arn === 'string') return arn.replaceAll('${', '<').replaceAll('}', '>');
  if ('Ref' in arn) return `<${arn.Ref}>`;
  if ('Fn::GetAtt' in arn) return `<${arn['Fn::GetAtt'].join('.')}>`;
  if ('Fn::Join' in arn) return arn['Fn::Join'][1].map(flatten).join(arn['Fn::Join'][0]);
  if ('Fn::Sub' in arn) return flatten(arn['Fn::Sub']);
  if ('Fn::ImportValue' in arn) return flatten(arn['Fn::ImportValue']);
  return JSON.stringify(arn);
}
