import type { PolicyStatement } from '../aws.ts';
import type { LocalStack } from '../cloud-assembly/local-stack.ts';
import { UnsupportedTemplate } from '../cloud-assembly/template.ts';

/**
 * The policies of a stack's resources, as far as the public access blocks of its buckets let them count.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 *
 * Throws UnsupportedTemplate for a public policy of a bucket that blocks them: S3 refuses it.
 */
export function resourcePoliciesOf({
  buckets,
  resourcePolicies,
}: Pick<LocalStack, 'buckets' | 'resourcePolicies'>): LocalStack['resourcePolicies'] {
  return Object.fromEntries(
    Object.entries(resourcePolicies).map(([arn, statements]) => {
      const blocked = buckets.find((bucket) => bucket.arn === arn)?.publicAccessBlock;
      if (!blocked || !statements.some(isPublic)) return [arn, statements];
      if (blocked.blockPublicPolicy)
        throw new UnsupportedTemplate(arn, 'S3 refuses its policy, which is public: BlockPublicPolicy');
      return [arn, blocked.restrictPublicBuckets ? statements.filter((each) => !isPublic(each)) : statements];
    }),
  );
}

/** Whether a statement lets everybody in: its principal is anybody, and it has no condition. */
function isPublic({ Effect, Principal, Condition }: PolicyStatement): boolean {
  if (Effect !== 'Allow' || Condition) return false;
  return Principal === '*' || [(Principal as { AWS?: string | string[] })?.AWS].flat().includes('*');
}
