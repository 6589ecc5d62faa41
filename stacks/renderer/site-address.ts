import { CfnDistribution, CfnOriginAccessControl } from 'aws-cdk-lib/aws-cloudfront';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Aws, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { explainGrants } from '../grants/grant-reasons.ts';
import { uniqueName } from '../unique-name.ts';

/**
 * How Chromium reaches the sites, which takes them over HTTPS without a signature.
 *
 * - `cloudfront`: through a CloudFront distribution. The bucket is private.
 * - `public-prefix`: from S3, as sites that Remotion's own command deploys. The bucket's policy makes `sites/`
 *   public, and nothing else; no setting of the account may block public policies.
 */
export type SiteAccess = 'cloudfront' | 'public-prefix';

/** The folder of the bucket that the sites are in. */
export const SITES = 'sites';

/** AWS's policy CachingOptimized. Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';

/** Makes the sites of the bucket reachable. Returns the URL of the folder that they are in, without a slash. */
export function siteAddress(scope: Construct, bucket: Bucket, access: SiteAccess): string {
  if (access === 'public-prefix') {
    allowReading(bucket, new AnyPrincipal(), 'Chromium reads the site without a signature.');
    return `https://${bucket.bucketRegionalDomainName}/${SITES}`;
  }
  const control = new CfnOriginAccessControl(scope, 'SitesAccess', {
    originAccessControlConfig: {
      // Unique in the account, of which every region has the same.
      name: `${uniqueName(scope, 45)}-${Aws.REGION}`,
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    },
  });
  const distribution = new CfnDistribution(scope, 'Sites', {
    distributionConfig: {
      enabled: true,
      comment: `Sites of ${scope.node.path}`,
      httpVersion: 'http2and3',
      origins: [
        {
          id: 'bucket',
          domainName: bucket.bucketRegionalDomainName,
          // Nothing else of the bucket has an address here.
          originPath: `/${SITES}`,
          originAccessControlId: control.attrId,
          s3OriginConfig: { originAccessIdentity: '' },
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: 'bucket',
        viewerProtocolPolicy: 'https-only',
        cachePolicyId: CACHING_OPTIMIZED,
        compress: true,
      },
    },
  });
  allowReading(
    bucket,
    new ServicePrincipal('cloudfront.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceArn': `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/${distribution.attrId}`,
        },
      },
    }),
    'CloudFront hands the sites to Chromium.',
  );
  Validations.of(distribution).acknowledge(
    { id: 'AwsSolutions-CFR1', reason: "The site's readers are Lambda functions, in one region." },
    {
      id: 'AwsSolutions-CFR2',
      reason: 'Files that never change need no firewall, which costs by the month.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason:
        'Where access logs go, and whether they are worth their cost, is for the owner of the account to say.',
    },
    {
      id: 'AwsSolutions-CFR4',
      reason:
        "CloudFront's own domain name has no other setting; the only reader is Chromium, which takes TLS 1.3.",
    },
  );
  return `https://${distribution.attrDomainName}`;
}

function allowReading(bucket: Bucket, principal: AnyPrincipal | ServicePrincipal, why: string): void {
  const actions = ['s3:GetObject'];
  const sid = 'ReadSites';
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid,
      actions,
      principals: [principal],
      resources: [bucket.arnForObjects(`${SITES}/*`)],
    }),
  );
  explainGrants(bucket, { sid, actions, why });
}
