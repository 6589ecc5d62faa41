import { CfnResource, type IAspect, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/** A rule and, of rules with several findings, the one that is meant: `AwsSolutions-IAM5[Resource::*]`. */
const FINDING = /^Annotation::(?<id>[\w-]+)(?:\[(?<finding>.*)\])?$/;

/** As cdk-nag 2 keeps it in the metadata of a resource. */
interface Suppression {
  readonly id: string;
  readonly reason: string;
  readonly applies_to?: readonly string[];
}

/**
 * Tells cdk-nag 2 what has been acknowledged: it reads the metadata of each resource, and not, as cdk-nag 3 does,
 * that of the CDK on a resource and all that it is part of.
 * Source: https://github.com/cdklabs/cdk-nag/blob/v2.38.2/README.md#suppressing-a-rule
 */
export const acknowledgedFindings: IAspect = {
  visit(resource: IConstruct): void {
    if (!CfnResource.isCfnResource(resource)) return;
    const suppressions = resource.node.scopes.flatMap(acknowledgedOn);
    if (suppressions.length === 0) return;
    const given: readonly Suppression[] = resource.getMetadata('cdk_nag')?.rules_to_suppress ?? [];
    resource.addMetadata('cdk_nag', { rules_to_suppress: [...given, ...suppressions] });
  },
};

function acknowledgedOn({ node }: IConstruct): Suppression[] {
  return node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries<string>(data))
    .flatMap(([rule, reason]) => {
      const { id, finding } = FINDING.exec(rule)?.groups ?? {};
      return id === undefined ? [] : { id, reason, ...(finding && { applies_to: [finding] }) };
    });
}
