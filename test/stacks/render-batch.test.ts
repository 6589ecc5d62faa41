import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflow } from '../../stacks/render-workflow.ts';
import { bucketObjects, grantsOf, listing, only, publishing, spell } from './read-template.ts';
import { newStack, REMOTION_BUCKET, REMOTION_FUNCTION, synthesize } from './synthesize.ts';

let template: Template;
beforeAll(() => {
  template = synthesize({ renderBatch: 'true' });
});

const PREFIX = 'render-workflows/RemotionStepFunctions-RenderWorkflow-52872822/';
const read = (pattern: string) => `s3:GetObject ${bucketObjects(PREFIX + pattern)}`;
const write = (pattern: string) => `s3:PutObject ${bucketObjects(PREFIX + pattern)}`;
const OWN_LOGS = (step: string) => [
  `logs:CreateLogStream <RenderWorkflowRenderBatch${step}Logs.Arn>`,
  `logs:PutLogEvents <RenderWorkflowRenderBatch${step}Logs.Arn>`,
  'xray:PutTelemetryRecords *',
  'xray:PutTraceSegments *',
];
const LIST_ROWS = listing(`${PREFIX}batches/*/rows/`);
const NAME = /RenderBatchStateMachine[0-9A-F]{8}$/;

test('there are no batches by default', () => {
  synthesize().resourceCountIs('AWS::StepFunctions::StateMachine', 1);
});

test('the state machine is the definition file with its substitutions filled in, and logs no data', () => {
  const file = readFileSync(join(import.meta.dirname, '../../statemachine/render-batch.asl.json'), 'utf8');
  const machine = only(template, 'AWS::StepFunctions::StateMachine', NAME);
  expect(machine.DefinitionString).toBe(file);
  expect(Object.keys(machine.DefinitionSubstitutions as object).sort()).toEqual(
    [...new Set(file.match(/(?<=\$\{)\w+(?=\})/g))].sort(),
  );
  expect(machine).toMatchObject({
    LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    TracingConfiguration: { Enabled: true },
  });
});

test('each function ends before the state machine gives it up', () => {
  const file = readFileSync(join(import.meta.dirname, '../../statemachine/render-batch.asl.json'), 'utf8');
  const states = [
    ...file.matchAll(/"FunctionName": "\$\{(\w+)FunctionArn\}"[\s\S]*?"TimeoutSeconds": (\d+)/g),
  ];
  expect(states).toHaveLength(6);
  for (const [, step, seconds] of states) {
    const { Timeout } = only(template, 'AWS::Lambda::Function', new RegExp(`RenderBatch${step}Function`));
    expect(Number(seconds)).toBeGreaterThan(Timeout as number);
  }
});

describe('the roles', () => {
  const expected: Record<string, string[]> = {
    PrepareBatch: [
      `s3:GetObject ${bucketObjects('batch-items/*')}`,
      LIST_ROWS,
      read('batch-costs/*'),
      write('batches/*/requests/*'),
      write('batches/*/rows.jsonl'),
      write('batches/*/problems.jsonl'),
      write('batch-executions/*'),
      `s3:DeleteObject ${bucketObjects(`${PREFIX}batches/*/stop.json`)}`,
    ],
    AdmitRow: [read('batches/*/stop.json')],
    RecordRow: [write('batches/*/rows/*')],
    FollowBatch: [
      LIST_ROWS,
      write('batches/*/progress.json'),
      write('batches/*/stop.json'),
      expect.stringMatching(/^states:ListMapRuns arn:.*:execution:[^:*]+RenderBatch[^:*]+:\*$/) as never,
      expect.stringMatching(
        /^states:DescribeMapRun arn:.*:mapRun:[^:*]+RenderBatch[^:*]+\/rows:\*$/,
      ) as never,
    ],
    SummarizeBatch: [
      LIST_ROWS,
      read('batches/*/rows.jsonl'),
      read('batches/*/rows/*'),
      read('batches/*/stop.json'),
      read('batch-executions/*'),
      write('batches/*/results.jsonl'),
      write('batches/*/results.csv'),
      write('batches/*/summary.json'),
      read('batch-costs/*'),
      write('batch-costs/*'),
      publishing('Batch Succeeded', 'Batch Failed'),
      'sqs:SendMessage <RenderWorkflowRenderBatchEndedDeadLetters.Arn>',
    ],
  };

  test.each(Object.entries(expected))('%s may do its part of a batch, and nothing else', (step, grants) => {
    const granted = grantsOf(template, new RegExp(`RenderBatch${step}Role[0-9A-F]{8}$`)).sort();
    expect(granted).toHaveLength([...grants, ...OWN_LOGS(step)].length);
    for (const grant of [...grants, ...OWN_LOGS(step)]) expect(granted).toContainEqual(grant);
  });

  test('the state machine may invoke its steps, start and follow renders of this workflow and its own children, and nothing else', () => {
    const granted = grantsOf(template, /RenderBatchStateMachineRole[0-9A-F]{8}$/)
      .map((grant) =>
        grant.replaceAll(/RemotionStepFunctions-RenderWorkflow-RenderBatch-\w+-(<[^>]*>)?/g, 'SELF'),
      )
      .map((grant) => grant.replace(/(?<=StateMachine)[0-9A-F]{8}/, ''))
      .filter((grant) => !/^(logs|xray):/.test(grant));
    const states = 'arn:<Partition>:states:<Region>:<AccountId>';
    const steps = ['PrepareBatch', 'AdmitRow', 'RecordRow', 'FollowBatch', 'SummarizeBatch'];
    const mapRuns = bucketObjects(`${PREFIX}batches/*/map-runs/*`);
    const rule =
      'arn:<Partition>:events:<Region>:<AccountId>:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
    expect(granted.sort()).toEqual(
      [
        ...steps.map((step) => `lambda:InvokeFunction <RenderWorkflowRenderBatch${step}Function.Arn>`),
        publishing('Batch Started', 'Batch Progressed'),
        read('batches/*/requests/*'),
        `s3:PutObject ${mapRuns}`,
        `s3:GetObject ${mapRuns}`,
        `s3:ListMultipartUploadParts ${mapRuns}`,
        `s3:AbortMultipartUpload ${mapRuns}`,
        'states:StartExecution <RenderWorkflowStateMachine>',
        `states:DescribeExecution ${states}:execution:<RenderWorkflowStateMachine.Name>:*`,
        `states:StopExecution ${states}:execution:<RenderWorkflowStateMachine.Name>:*`,
        `states:StartExecution ${states}:stateMachine:SELF`,
        `states:DescribeExecution ${states}:execution:SELF:*`,
        `states:DescribeExecution ${states}:execution:SELF/rows:*`,
        `states:StopExecution ${states}:execution:SELF:*`,
        `states:StopExecution ${states}:execution:SELF/rows:*`,
        `states:RedriveExecution ${states}:execution:SELF/rows:*`,
        `events:PutTargets ${rule}`,
        `events:PutRule ${rule}`,
        `events:DescribeRule ${rule}`,
      ].sort(),
    );
  });
});

test('a batch that was stopped, has timed out or failed has its results written', () => {
  const [rule] = Object.values(template.findResources('AWS::Events::Rule')).filter(({ Properties }) =>
    Properties.Description.startsWith('Writes the results'),
  );
  expect(rule?.Properties.EventPattern.detail).toMatchObject({ status: ['ABORTED', 'TIMED_OUT', 'FAILED'] });
  expect(spell(rule?.Properties.Targets[0].Arn)).toContain('SummarizeBatch');
});

test('its functions know the bucket and the part of it that is this workflow’s', () => {
  expect(only(template, 'AWS::Lambda::Function', /PrepareBatchFunction/)).toMatchObject({
    Environment: { Variables: { REMOTION_BUCKET_NAME: REMOTION_BUCKET, WORKFLOW_PREFIX: PREFIX } },
  });
});

test('rows are checked with what StartRender knows of sites, sizes and destinations', () => {
  const own = synthesize({ renderBatch: 'true', defaultServeUrl: 'promo', destinationTags: 'true' });
  const variablesOf = (name: RegExp) =>
    (only(own, 'AWS::Lambda::Function', name).Environment as { Variables: Record<string, unknown> })
      .Variables;
  const { DESTINATION_BUCKET_NAMES } = variablesOf(/StartRenderFunction/);
  expect(variablesOf(/PrepareBatchFunction/)).toMatchObject({
    DESTINATION_BUCKET_NAMES,
    DESTINATION_TAGS: 'true',
    DEFAULT_SERVE_URL: 'promo',
  });
  expect(DESTINATION_BUCKET_NAMES).toBeDefined();
});

test('its ARN is an output', () => {
  expect(spell(template.findOutputs('BatchStateMachineArn').BatchStateMachineArn?.Value)).toMatch(
    /RenderBatch/,
  );
});

test("cdk-nag's AwsSolutions pack finds nothing in a stack with batches", () => {
  const { app } = newStack({ renderBatch: 'true' });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});

test('with keys of the customer, the batch is encrypted with them, and its roles may use them', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
  const key = new Key(stack, 'Key');
  new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    renderBatch: true,
    encryptionKeys: { stateMachine: key, remotionBucket: key, deadLetterQueue: key, logs: key },
  });
  const own = Template.fromStack(stack);
  expect(only(own, 'AWS::StepFunctions::StateMachine', NAME)).toMatchObject({
    EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY' },
  });
  const ofKey = (role: RegExp) => grantsOf(own, role).filter((grant) => grant.startsWith('kms:'));
  expect(ofKey(/RenderBatchAdmitRowRole/).map((grant) => grant.split(' ')[0])).toEqual(['kms:Decrypt']);
  expect(ofKey(/RenderBatchRecordRowRole/).map((grant) => grant.split(' ')[0])).toEqual([
    'kms:Decrypt',
    'kms:GenerateDataKey',
  ]);
  // The bucket, the renders, its own executions, and the way of its log.
  expect(ofKey(/RenderBatchStateMachineRole/)).toHaveLength(7);
});
