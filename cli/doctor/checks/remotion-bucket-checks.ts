import {
  GetBucketOwnershipControlsCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3';
import { accountPublicAccessBlock } from '../account-public-access-block.ts';
import { deniedWithKey, keyOfBucket } from '../bucket-key.ts';
import { type Check, type Finding, fail, ok, warn, worstOf } from '../check.ts';
import type { WorkflowFacts } from '../workflow-facts.ts';

/** The bucket that Remotion works in. */
export const remotionBucketChecks: readonly Check[] = [
  {
    name: 'bucket',
    about:
      "The Remotion bucket is there, in the workflow's region and account, under a name that Remotion takes.",
    permissions: ['s3:ListBucket'],
    async run(facts) {
      const { bucketName, hasRenderer } = await facts.settings();
      const { region, account } = await facts.place();
      const { s3 } = facts.clients;
      const another = hasRenderer
        ? 'Deploy the stack anew: it makes its own bucket.'
        : `Make one in ${region} with Remotion's command (npx remotion lambda sites create), and deploy the stack with its name.`;
      if (!bucketName.startsWith('remotionlambda-'))
        return fail(`${bucketName}: Remotion's role takes names with remotionlambda- alone`, another);
      const head = await s3.send(new HeadBucketCommand({ Bucket: bucketName })).catch((error: Error) => {
        if (error.name === 'NotFound') return undefined;
        throw error;
      });
      if (!head) return fail(`${bucketName} is not there`, another);
      const { BucketRegion = region } = head;
      if (BucketRegion !== region)
        return fail(`${bucketName} is in ${BucketRegion}, the workflow in ${region}`, another);
      const isOurs = await s3
        .send(new HeadBucketCommand({ Bucket: bucketName, ExpectedBucketOwner: account }))
        .then(
          () => true,
          () => false,
        );
      if (!isOurs) return fail(`${bucketName} belongs to another account than ${account}`, another);
      return ok(`in ${region}, of this account: ${bucketName}`);
    },
  },
  {
    name: 'bucket-acls',
    about: 'The bucket takes ACLs, which Remotion sends with everything that it writes.',
    permissions: ['s3:GetBucketOwnershipControls'],
    async run(facts) {
      const { bucketName } = await facts.settings();
      const { OwnershipControls } = await facts.clients.s3
        .send(new GetBucketOwnershipControlsCommand({ Bucket: bucketName }))
        .catch((error: Error) => {
          // As all buckets were before S3 had such a setting: they take ACLs.
          if (error.name === 'OwnershipControlsNotFoundError') return { OwnershipControls: undefined };
          throw error;
        });
      const ownership = OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? 'ObjectWriter';
      if (ownership !== 'BucketOwnerEnforced') return ok(`it takes ACLs (${ownership})`);
      return fail(
        'it takes no ACLs (BucketOwnerEnforced), and S3 refuses what Remotion writes with one',
        `aws s3api put-bucket-ownership-controls --bucket ${bucketName} --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerPreferred}]'`,
      );
    },
  },
  {
    name: 'bucket-key',
    about:
      "Where the bucket is encrypted with a KMS key of yours, StartRender's role and the function's may use it.",
    permissions: [
      's3:GetEncryptionConfiguration',
      'lambda:GetFunctionConfiguration',
      'iam:SimulatePrincipalPolicy',
    ],
    async run(facts) {
      const { bucketName, functionNames, hasRenderer } = await facts.settings();
      const key = await keyOfBucket(facts, bucketName);
      if (key === undefined) return ok('keys that need no grants');
      const users = [await facts.step('StartRender'), await facts.functionConfiguration(functionNames[0])];
      const findings = users.map(async ({ Role = '' }) => {
        const denied = await deniedWithKey(facts, Role, key, bucketName);
        if (denied.length === 0) return ok(`their roles may use ${key}`);
        return fail(
          `${Role} may not ${denied.join(', ')} with ${key}`,
          hasRenderer
            ? 'Deploy with remotionKmsKeyArn, or encryptionKeys.bucket of the renderer: it lets both roles use the key.'
            : "Deploy the stack with remotionKmsKeyArn, and let the role of Remotion's function use the key.",
        );
      });
      return worstOf(await Promise.all(findings));
    },
  },
  {
    name: 'public-access',
    about: 'The bucket blocks no public access that its sites need, and all other.',
    permissions: ['s3:GetBucketPublicAccessBlock'],
    async run(facts) {
      const { bucketName } = await facts.settings();
      const { PublicAccessBlockConfiguration: blocked = {} } = await facts.clients.s3
        .send(new GetPublicAccessBlockCommand({ Bucket: bucketName }))
        .catch(nothingBlocked);
      const obstacle = await siteObstacle(facts, blocked, 'the bucket');
      if (obstacle) return obstacle;
      if (await readsSitesFromS3(facts)) return ok('the sites are public, as Chromium reads them from S3');
      const left = Object.entries({ ...NOTHING, ...blocked }).filter(([, isBlocked]) => !isBlocked);
      if (left.length === 0) return ok('all of it is blocked, and nothing needs it');
      return warn(
        `not blocked, and not needed: ${left.map(([name]) => name).join(', ')}`,
        `aws s3api put-public-access-block --bucket ${bucketName} --public-access-block-configuration ${Object.keys(
          NOTHING,
        )
          .map((name) => `${name}=true`)
          .join(',')}`,
      );
    },
  },
  {
    name: 'account-access',
    about: 'The account blocks no public access that the sites need.',
    permissions: ['s3:GetAccountPublicAccessBlock'],
    async run(facts) {
      const blocked = await accountPublicAccessBlock(facts.clients.s3, await facts.place()).catch(
        async (error: Error) => (await nothingBlocked(error)).PublicAccessBlockConfiguration ?? {},
      );
      const obstacle = await siteObstacle(facts, blocked, 'the account');
      return obstacle ?? ok('nothing is blocked that the sites need');
    },
  },
  {
    name: 'public-listing',
    about: 'Nobody can list the bucket without credentials.',
    permissions: [],
    async run(facts) {
      const { bucketName } = await facts.settings();
      const { region } = await facts.place();
      const address = facts.endpoint
        ? `${facts.endpoint}/${bucketName}`
        : `https://${bucketName}.s3.${region}.amazonaws.com/`;
      const { status } = await fetch(`${address}?list-type=2&max-keys=1`);
      if (status !== 200) return ok('nobody can list it without credentials');
      return fail(
        'everybody can list it, and so find all renders and props',
        `Take s3:ListBucket for everybody out of the policy of ${bucketName}.`,
      );
    },
  },
];

const NOTHING: PublicAccessBlockConfiguration = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

async function nothingBlocked(error: Error): Promise<{
  readonly PublicAccessBlockConfiguration?: PublicAccessBlockConfiguration;
}> {
  if (error.name === 'NoSuchPublicAccessBlockConfiguration') return {};
  throw error;
}

/** Whether Chromium reads the default site from the Remotion bucket itself, without a signature. */
async function readsSitesFromS3(facts: WorkflowFacts): Promise<boolean> {
  const { bucketName, defaultSite = '' } = await facts.settings();
  return (
    defaultSite.includes(`://${bucketName}.s3`) || defaultSite.startsWith(`${facts.endpoint}/${bucketName}/`)
  );
}

/** The stack's own sites are public by the bucket's policy, those of Remotion's command by their ACLs. */
async function siteObstacle(
  facts: WorkflowFacts,
  blocked: PublicAccessBlockConfiguration,
  whose: string,
): Promise<Finding | undefined> {
  if (!(await readsSitesFromS3(facts))) return undefined;
  const { hasRenderer } = await facts.settings();
  const obstacles = hasRenderer
    ? ['BlockPublicPolicy', 'RestrictPublicBuckets']
    : ['BlockPublicAcls', 'IgnorePublicAcls'];
  const found = obstacles.filter((name) => blocked[name as keyof PublicAccessBlockConfiguration]);
  if (found.length === 0) return undefined;
  return fail(
    `Chromium reads the sites from S3 without a signature, and ${whose} blocks that: ${found.join(', ')}`,
    hasRenderer
      ? 'Deploy with siteAccess "cloudfront", which needs nothing public.'
      : `Turn that off for ${whose}, or use the renderer of the stack, whose sites go through CloudFront.`,
  );
}
