import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Aws } from 'aws-cdk-lib/core';

/**
 * An AWS service that acts for a resource of this account and region, and for no other's: the conditions keep it
 * from being used as a confused deputy. The ARN ends in a wildcard where the resource in turn needs the role, so
 * that its name cannot stand in the role's trust policy.
 *
 * Only for services that send `aws:SourceArn` when they assume a role. Lambda does not: for an execution role AWS
 * documents the key for policies of functions only.
 * Sources: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 *
 * @param service as in its ARNs, e.g. `states`
 * @param resource the end of the ARNs, e.g. `stateMachine:*`
 * @param principal where its name is not that of the service, e.g. `ecs-tasks.amazonaws.com`
 */
export function actingService(
  service: string,
  resource: string,
  principal = `${service}.amazonaws.com`,
): ServicePrincipal {
  return new ServicePrincipal(principal, {
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: {
        'aws:SourceArn': `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`,
      },
    },
  });
}
