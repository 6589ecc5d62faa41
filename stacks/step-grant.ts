import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Stack, Validations } from 'aws-cdk-lib/core';

/** One statement of a step's policy. */
export interface StepGrant {
  readonly sid: string;
  readonly actions: readonly string[];
  /** ARNs, with a wildcard only where a name is made at run time. */
  readonly resources: readonly string[];
  /** Conditions of the statement: operator → key → accepted values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Why the step needs it, and why a wildcard is in it. */
  readonly why: string;
}

export function toPolicyStatement({ sid, actions, resources, conditions }: StepGrant): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: [...actions],
    resources: [...resources],
    ...(conditions && { conditions }),
  });
}

/** Tells cdk-nag the reason of each wildcard of a grant, and of nothing else. */
export function acknowledgeWildcards(role: Role, { resources, why }: StepGrant): void {
  for (const resource of resources.map((arn) => flatten(Stack.of(role).resolve(arn)))) {
    if (!resource.includes('*')) continue;
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: why });
  }
}

type Resolved = string | { Ref: string } | { 'Fn::GetAtt': string[] } | { 'Fn::Join': [string, Resolved[]] };

/** Spells a resolved ARN as cdk-nag does in the ids of its findings. */
function flatten(arn: Resolved): string {
  if (typeof arn === 'string') return arn;
  if ('Ref' in arn) return `<${arn.Ref}>`;
  if ('Fn::GetAtt' in arn) return `<${arn['Fn::GetAtt'].join('.')}>`;
  const [separator, parts] = arn['Fn::Join'];
  return parts.map(flatten).join(separator);
}
