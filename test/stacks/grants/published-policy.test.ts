import { getUserPolicy } from '@remotion/lambda/policies';

/**
 * The statements of Remotion's user policy that the grants are derived from. When this test fails, Remotion has
 * changed them: look at the difference, whether a step needs what is new or has lost what it needs, then renew it.
 */
const PINNED = {
  Storage: {
    Effect: 'Allow',
    Action: [
      's3:GetObject',
      's3:DeleteObject',
      's3:PutObjectAcl',
      's3:PutObject',
      's3:CreateBucket',
      's3:ListBucket',
      's3:GetBucketLocation',
      's3:PutBucketAcl',
      's3:DeleteBucket',
      's3:PutBucketOwnershipControls',
      's3:PutBucketPublicAccessBlock',
      's3:PutBucketPolicy',
      's3:PutLifecycleConfiguration',
    ],
    Resource: ['arn:aws:s3:::remotionlambda-*'],
  },
  FunctionManagement: {
    Effect: 'Allow',
    Action: [
      'lambda:InvokeAsync',
      'lambda:InvokeFunction',
      'lambda:CreateFunction',
      'lambda:DeleteFunction',
      'lambda:PutFunctionEventInvokeConfig',
      'lambda:PutRuntimeManagementConfig',
      'lambda:TagResource',
    ],
    Resource: ['arn:aws:lambda:*:*:function:remotion-render-*'],
  },
};

test('the installed Remotion publishes the statements that the grants were derived from', () => {
  const { Statement } = JSON.parse(getUserPolicy()) as { Statement: { Sid: string }[] };
  const published = Statement.filter(({ Sid }) => Sid in PINNED).map(({ Sid, ...rest }) => [Sid, rest]);
  expect(Object.fromEntries(published)).toEqual(PINNED);
});

test('every statement that a grant is derived from is pinned', async () => {
  const { invokeGrants, remotionGrants } = await import('../../../stacks/grants/remotion-policy.ts');
  const remotion = {
    functionName: 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec',
    bucketName: 'remotionlambda-useast1-example',
    jobsPrefix: 'jobs/',
  };
  const steps = ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender'] as const;
  const grants = [
    ...steps.flatMap((step) => remotionGrants(step, remotion)),
    ...Object.values(invokeGrants(remotion)),
  ];
  const used = grants.map(({ from }) => from?.sid);
  expect([...new Set(used)].sort()).toEqual(Object.keys(PINNED).sort());
});
