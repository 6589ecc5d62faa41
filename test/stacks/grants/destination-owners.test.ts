import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { App, CfnParameter, Stack } from 'aws-cdk-lib/core';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import { problemsOf, REMOTION_BUCKET, REMOTION_FUNCTION } from '../synthesize.ts';

const OURS = { account: '111111111111', region: 'us-east-1' };
const THEIRS = { account: '222222222222', region: 'us-east-1' };

type Environment = typeof OURS | undefined;

const newApp = () => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

/** The owners in the policy's conditions, and in what the function asks S3 to check. */
function ownersOf(
  bucketOf: (workflow: Stack, app: App) => IBucket,
  env: Environment = undefined,
): { inPolicy: unknown; inRequest: unknown } {
  const app = newApp();
  const stack = new Stack(app, 'Workflow', env && { env });
  new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    destinationBucket: bucketOf(stack, app),
  });
  const template = Template.fromStack(stack);
  const role = Object.entries(template.findResources('AWS::IAM::Role')).find(([id]) =>
    id.includes('CopyToBucketRole'),
  );
  const policies: {
    PolicyName: string;
    PolicyDocument: { Statement: { Condition?: { StringEquals: object } }[] };
  }[] = role?.[1].Properties.Policies;
  const conditions = policies
    .filter(({ PolicyName }) => PolicyName === 'Destination')
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Condition }) => Condition?.StringEquals);
  expect(conditions[1]).toEqual(conditions[0]);
  const copy = Object.entries(template.findResources('AWS::Lambda::Function')).find(([id]) =>
    id.includes('CopyToBucket'),
  );
  return {
    inPolicy: (conditions[0] as Record<string, unknown> | undefined)?.['aws:ResourceAccount'],
    inRequest: copy?.[1].Properties.Environment.Variables.DESTINATION_BUCKET_OWNERS,
  };
}

const made = (scope: Stack) => new Bucket(scope, 'Videos', { bucketName: 'team-videos' });

describe('the owner of a destination is checked in the policy and in the request', () => {
  test.each<[string, (workflow: Stack, app: App) => IBucket, Environment, string]>([
    ['made in this stack', made, OURS, OURS.account],
    [
      'made in another stack of the account',
      (_, app) => made(new Stack(app, 'B', { env: OURS })),
      OURS,
      OURS.account,
    ],
    [
      'made in a stack of another account',
      (_, app) => made(new Stack(app, 'B', { env: THEIRS })),
      OURS,
      THEIRS.account,
    ],
    ['imported by name', (scope) => Bucket.fromBucketName(scope, 'B', 'team-videos'), OURS, OURS.account],
    [
      'imported by ARN',
      (scope) => Bucket.fromBucketArn(scope, 'B', 'arn:aws:s3:::team-videos'),
      OURS,
      OURS.account,
    ],
    [
      'imported with its account',
      (scope) =>
        Bucket.fromBucketAttributes(scope, 'B', { bucketName: 'team-videos', account: THEIRS.account }),
      OURS,
      THEIRS.account,
    ],
    [
      "imported with this stack's account",
      (scope) =>
        Bucket.fromBucketAttributes(scope, 'B', { bucketName: 'team-videos', account: OURS.account }),
      OURS,
      OURS.account,
    ],
    [
      'imported with its account into a stack without one',
      (scope) =>
        Bucket.fromBucketAttributes(scope, 'B', { bucketName: 'team-videos', account: THEIRS.account }),
      undefined,
      THEIRS.account,
    ],
  ])('of a bucket that is %s', (_how, bucketOf, env, account) => {
    const { inPolicy, inRequest } = ownersOf(bucketOf, env);
    expect(inPolicy).toBe(account);
    const owners = typeof inRequest === 'string' ? inRequest : JSON.stringify(inRequest);
    expect(owners).toContain(`=${account}`);
  });

  test.each<[string, (workflow: Stack) => IBucket]>([
    ['made', (scope) => new Bucket(scope, 'Videos')],
    ['made of a CloudFormation resource', (scope) => Bucket.fromCfnBucket(new CfnBucket(scope, 'Videos'))],
  ])(
    'of a bucket that is %s in a stack without an account, which is that of the deployment',
    (_how, bucketOf) => {
      const { inPolicy, inRequest } = ownersOf(bucketOf);
      expect(inPolicy).toEqual({ Ref: 'AWS::AccountId' });
      expect(JSON.stringify(inRequest)).toContain('"=",{"Ref":"AWS::AccountId"}');
    },
  );

  test('of a bucket whose account is known only when the stack is deployed', () => {
    const { inPolicy, inRequest } = ownersOf((scope) =>
      Bucket.fromBucketAttributes(scope, 'B', {
        bucketName: 'team-videos',
        account: new CfnParameter(scope, 'Owner').valueAsString,
      }),
    );
    expect(inPolicy).toEqual({ Ref: 'Owner' });
    expect(inRequest).toEqual({ 'Fn::Join': ['', ['team-videos=', { Ref: 'Owner' }]] });
  });

  test('but not of one that is known by its name alone, in a stack without an account', () => {
    const byName = ownersOf((scope) => Bucket.fromBucketName(scope, 'B', 'team-videos'));
    expect(byName).toEqual({ inPolicy: undefined, inRequest: '' });
  });
});

/** A stack with that many destinations, each with an owner and a key as long as they can be. */
function withDestinations(count: number, prefix = 'videos-of-a-customer-') {
  const stack = new Stack(newApp(), 'Workflow');
  const buckets = Array.from({ length: count }, (_, i) =>
    Bucket.fromBucketAttributes(stack, `Bucket${i}`, {
      bucketName: `${prefix}${String(i).padStart(3, '0')}`,
      account: THEIRS.account,
      region: 'ap-southeast-1',
      encryptionKey: Key.fromKeyArn(
        stack,
        `Key${i}`,
        `arn:aws:kms:ap-southeast-1:222222222222:key/mrk-${'0'.repeat(28)}${String(i).padStart(4, '0')}`,
      ),
    }),
  );
  new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    destinationBucket: buckets[0] as IBucket,
    otherDestinationBuckets: buckets.slice(1),
    destinationTags: true,
    deleteSource: true,
  });
  return stack;
}

/** Characters of a policy once its references are filled in, as IAM counts them. */
const sizeOf = (document: object) =>
  JSON.stringify(document)
    .replaceAll('{"Fn::Join":["",["', '')
    .replaceAll(/",\{"Ref":"AWS::Partition"\},"/g, 'aws-us-gov')
    .replaceAll(/",\{"Ref":"[^"]+"\},"/g, 'x'.repeat(18)).length;

describe("the policies of CopyToBucket's role", () => {
  const policiesOf = (stack: Stack) => {
    const template = Template.fromStack(stack);
    const isOfCopy = ([id]: [string, unknown]) => id.includes('CopyToBucketRole');
    const of = (type: string) => Object.entries(template.findResources(type)).filter(isOfCopy);
    const attached = of('AWS::IAM::Policy').map(([, { Properties }]) => Properties.PolicyDocument);
    const inRole = of('AWS::IAM::Role').flatMap(([, { Properties }]) => Properties.Policies);
    return {
      inline: [
        ...attached,
        ...inRole.map(({ PolicyDocument }: { PolicyDocument: object }) => PolicyDocument),
      ],
      managed: of('AWS::IAM::ManagedPolicy').map(([, { Properties }]) => Properties.PolicyDocument),
    };
  };
  const sizesOf = (documents: object[]) => documents.map(sizeOf);

  test('fit into what IAM takes with 50 destinations', () => {
    const stack = withDestinations(50);
    const { inline, managed } = policiesOf(stack);
    expect(problemsOf(stack)).toBe('');
    expect(sizesOf(inline).reduce((a, b) => a + b, 0)).toBeLessThan(10_240);
    expect(managed.length).toBeLessThanOrEqual(10);
    for (const size of sizesOf(managed)) expect(size).toBeLessThan(6_144);
    const written = managed
      .flatMap(({ Statement }) => Statement)
      .filter(({ Sid }) => Sid.startsWith('WriteVideo'));
    expect(written).toHaveLength(50);
  });

  test('are inline with a few destinations', () => {
    const { inline, managed } = policiesOf(withDestinations(5));
    expect(managed).toEqual([]);
    expect(sizesOf(inline).reduce((a, b) => a + b, 0)).toBeLessThan(10_240);
  });

  test('leave it to the names whether so many fit into the environment of a function', () => {
    expect(problemsOf(withDestinations(50, 'v'.repeat(60)))).toMatch(
      /^EnvironmentTooLarge: The environment of StartRender has \d+ bytes, and Lambda takes 4096/,
    );
  });

  test('are not tried with more', () => {
    expect(problemsOf(withDestinations(51))).toContain(
      'TooManyDestinations: There are 51 destination buckets',
    );
  });
});
