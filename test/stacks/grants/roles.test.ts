import type { Template } from 'aws-cdk-lib/assertions';
import { bucketObjects, grantsOf, listing, publishing, statementsOf } from '../read-template.ts';
import { REMOTION_FUNCTION, synthesize } from '../synthesize.ts';

let template: Template;
beforeAll(() => {
  template = synthesize();
});

const OWN_LOGS = (step: string) => [
  `logs:CreateLogStream <RenderWorkflow${step}Logs.Arn>`,
  `logs:PutLogEvents <RenderWorkflow${step}Logs.Arn>`,
  'xray:PutTelemetryRecords *',
  'xray:PutTraceSegments *',
];
const JOBS = 'render-workflows/RemotionStepFunctions-RenderWorkflow-52872822/jobs/*';
const CLAIMS = [
  `s3:GetObject ${bucketObjects(JOBS)}`,
  `s3:PutObject ${bucketObjects(JOBS)}`,
  `s3:GetObject ${bucketObjects('render-jobs/*')}`,
];
const FIND_RENDER = [
  listing('renders/?', 'renders/1-day-?', 'renders/3-days-?', 'renders/7-days-?', 'renders/30-days-?'),
  `s3:GetObject ${bucketObjects('renders/*/progress.json')}`,
];

describe('the roles', () => {
  test('StartRender may invoke the one Remotion function, handle large input props, claim jobs, find renders and list the destination, and nothing else', () => {
    expect(grantsOf(template, /StartRenderRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        `lambda:InvokeFunction arn:<Partition>:lambda:<Region>:<AccountId>:function:${REMOTION_FUNCTION}`,
        `s3:GetObject ${bucketObjects('input-props/*')}`,
        `s3:PutObject ${bucketObjects('input-props/*')}`,
        `s3:PutObjectAcl ${bucketObjects('input-props/*')}`,
        ...CLAIMS,
        ...FIND_RENDER,
        listing('renders/*/out.'),
        's3:ListBucket <RenderWorkflowVideos.Arn>',
        ...OWN_LOGS('StartRender'),
      ].sort(),
    );
  });

  test('GetRenderProgress may read the progress and the output of renders, and nothing else', () => {
    expect(grantsOf(template, /GetRenderProgressRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        `s3:GetObject ${bucketObjects('renders/*/out.*')}`,
        `s3:GetObject ${bucketObjects('renders/*/progress.json')}`,
        listing('renders/*/out.'),
        ...OWN_LOGS('GetRenderProgress'),
      ].sort(),
    );
  });

  test('CopyToBucket may read outputs and artifacts, write to the destination bucket, and nothing else', () => {
    expect(grantsOf(template, /CopyToBucketRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        `s3:GetObject ${bucketObjects('renders/*/out.*')}`,
        `s3:GetObject ${bucketObjects('renders/*/artifacts/*')}`,
        listing('renders/*/artifacts/'),
        `s3:GetObject ${bucketObjects('renders/*/copy.json')}`,
        `s3:PutObject ${bucketObjects('renders/*/copy.json')}`,
        's3:AbortMultipartUpload <RenderWorkflowVideos.Arn>/*',
        's3:GetObject <RenderWorkflowVideos.Arn>/*',
        's3:ListMultipartUploadParts <RenderWorkflowVideos.Arn>/*',
        's3:PutObject <RenderWorkflowVideos.Arn>/*',
        ...OWN_LOGS('CopyToBucket'),
      ].sort(),
    );
  });

  test('CancelRender may change claims, find renders and leave them the signal to stop, tell of it, and nothing else', () => {
    expect(grantsOf(template, /CancelRenderRole[0-9A-F]{8}$/).sort()).toEqual(
      [
        ...CLAIMS,
        ...FIND_RENDER,
        listing('renders/*/out.'),
        `s3:PutObject ${bucketObjects('renders/*/cancel.json')}`,
        `s3:PutObjectAcl ${bucketObjects('renders/*/cancel.json')}`,
        'sqs:SendMessage <RenderWorkflowExecutionStoppedDeadLetters.Arn>',
        'states:DescribeExecution arn:<Partition>:states:<Region>:<AccountId>:execution:<RenderWorkflowStateMachine.Name>:*',
        publishing('Render Cancelled'),
        ...OWN_LOGS('CancelRender'),
      ].sort(),
    );
  });

  test('the state machine may invoke exactly its functions, publish its events, deliver logs and write traces', () => {
    const grants = grantsOf(template, /StateMachineRole[0-9A-F]{8}$/);
    expect(grants.filter((grant) => grant.startsWith('lambda:')).sort()).toEqual([
      'lambda:InvokeFunction <RenderWorkflowCancelRenderFunction.Arn>',
      'lambda:InvokeFunction <RenderWorkflowCopyToBucketFunction.Arn>',
      'lambda:InvokeFunction <RenderWorkflowGetRenderProgressFunction.Arn>',
      'lambda:InvokeFunction <RenderWorkflowStartRenderFunction.Arn>',
    ]);
    expect(grants.filter((grant) => !/^(lambda|logs|xray):/.test(grant))).toEqual([
      publishing('Render Started', 'Render Succeeded', 'Render Failed'),
    ]);
  });

  test('the rule may start exactly this state machine', () => {
    expect(grantsOf(template, /RenderRequestedRole[0-9A-F]{8}$/)).toEqual([
      expect.stringMatching(/^states:StartExecution <RenderWorkflowStateMachine[0-9A-F]{8}>$/),
    ]);
  });

  test('use buckets of this account only, as their ARNs do not name one', () => {
    const onBuckets = ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender']
      .flatMap((step) => statementsOf(template, new RegExp(`${step}Role[0-9A-F]{8}$`)))
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('s3:')));
    expect(onBuckets.length).toBeGreaterThan(10);
    for (const { Condition } of onBuckets) {
      expect(Condition?.StringEquals).toEqual({ 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } });
    }
  });

  test('every function has a role of its own', () => {
    const roles = Object.values(template.findResources('AWS::Lambda::Function')).map((resource) =>
      JSON.stringify(resource.Properties.Role),
    );
    expect(roles).toHaveLength(5);
    expect(new Set(roles).size).toBe(5);
  });

  test('no role has a managed policy, and "*" is a resource of logs and X-Ray actions only', () => {
    for (const role of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
    const everywhere = grantsOf(template, /./)
      .concat(grantsOf(template, /StateMachineRole[0-9A-F]{8}$/))
      .filter((grant) => grant.endsWith(' *'));
    expect(everywhere.filter((grant) => !/^(logs|xray):/.test(grant))).toEqual([]);
  });
});
