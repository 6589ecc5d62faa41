import type { LocalDistribution } from './local-stack.ts';
import type { ResolvedResource, ResourcesOfType } from './resolved-resource.ts';
import { UnsupportedTemplate } from './template.ts';

/** Throws UnsupportedTemplate for a distribution that is not of one bucket, which it reads by origin access control. */
export function readDistribution(item: ResolvedResource, ofType: ResourcesOfType): LocalDistribution {
  const { Origins = [], DefaultCacheBehavior, CacheBehaviors, Enabled } = item.properties.DistributionConfig;
  const [origin, ...others] = Origins;
  const bucket = ofType('AWS::S3::Bucket').find(
    ({ attributes }) => attributes.RegionalDomainName === origin?.DomainName,
  );
  const control = ofType('AWS::CloudFront::OriginAccessControl').find(
    ({ attributes }) => attributes.Id === origin?.OriginAccessControlId,
  );
  const { SigningBehavior } = control?.properties.OriginAccessControlConfig ?? {};
  if (
    !Enabled ||
    !bucket ||
    others.length > 0 ||
    CacheBehaviors ||
    SigningBehavior !== 'always' ||
    DefaultCacheBehavior.TargetOriginId !== origin.Id ||
    DefaultCacheBehavior.FunctionAssociations
  )
    throw new UnsupportedTemplate(
      `${item.path}/DistributionConfig`,
      'one bucket of the stack as the origin, read by origin access control, and nothing else is supported',
    );
  return {
    id: item.attributes.Id ?? '',
    arn: item.attributes.Arn ?? '',
    domainName: item.attributes.DomainName ?? '',
    bucketName: bucket.name,
    originPath: origin.OriginPath ?? '',
  };
}
