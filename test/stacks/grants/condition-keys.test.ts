import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { App, Stack } from 'aws-cdk-lib/core';
import { RenderWorkflow } from '../../../stacks/render-workflow.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION, synthesize } from '../synthesize.ts';

const GLOBAL = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html';
const reference = (service: string) =>
  `https://docs.aws.amazon.com/service-authorization/latest/reference/list_${service}.html`;

/** What AWS says of each condition key in use: the type of its value, and where that stands. */
const KEYS: Readonly<Record<string, { type: 'String' | 'ArrayOfString' | 'ARN' | 'Bool'; source: string }>> =
  {
    'aws:ResourceAccount': { type: 'String', source: GLOBAL },
    'aws:SecureTransport': { type: 'Bool', source: GLOBAL },
    'aws:SourceAccount': { type: 'String', source: GLOBAL },
    'aws:SourceArn': { type: 'ARN', source: GLOBAL },
    'events:detail-type': { type: 'ArrayOfString', source: reference('amazoneventbridge') },
    'events:source': { type: 'ArrayOfString', source: reference('amazoneventbridge') },
    'kms:EncryptionContext:SourceArn': { type: 'String', source: reference('awskeymanagementservice') },
    'kms:EncryptionContext:aws:logs:arn': { type: 'String', source: reference('awskeymanagementservice') },
    'kms:EncryptionContext:aws:s3:arn': { type: 'String', source: reference('awskeymanagementservice') },
    'kms:EncryptionContext:aws:states:stateMachineArn': {
      type: 'String',
      source: reference('awskeymanagementservice'),
    },
    'kms:ViaService': { type: 'String', source: reference('awskeymanagementservice') },
    's3:prefix': { type: 'String', source: reference('amazons3') },
  };

/** Operators that fit a type, `Null` beside them. CloudWatch Logs documents ArnLike for its encryption context. */
const OPERATORS = {
  String: /^(String(Equals|Like|NotEquals|NotLike)|ArnLike)$/,
  ArrayOfString: /^(ForAllValues|ForAnyValue):String(Equals|Like)$/,
  ARN: /^Arn(Equals|Like)$/,
  Bool: /^Bool$/,
};

/** `operator key` of every condition of the template's policies. */
function conditionsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(conditionsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === 'Condition' && typeof item === 'object'
      ? Object.entries(item).flatMap(([operator, keys]) =>
          Object.keys(keys as object).map((key) => `${operator} ${key}`),
        )
      : conditionsOf(item),
  );
}

function withKeys(): Template {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
  const key = new Key(stack, 'Key');
  new RenderWorkflow(stack, 'Renders', {
    remotionFunctionName: REMOTION_FUNCTION,
    remotionBucketName: REMOTION_BUCKET,
    renderQueue: true,
    renderApi: true,
    deleteSource: true,
    encryptionKeys: {
      destinationBucket: key,
      stateMachine: key,
      logs: key,
      deadLetterQueue: key,
      renderQueue: key,
    },
  });
  return Template.fromStack(stack);
}

test('every condition uses an operator that fits the type that AWS documents for its key', () => {
  const templates = [withKeys(), synthesize({ renderQueue: 'true', renderApi: 'true' })];
  const used = new Set(templates.flatMap((template) => conditionsOf(template.toJSON().Resources)));
  const unfit = [...used].filter((condition) => {
    const [operator = '', key = ''] = condition.split(' ');
    const { type } = KEYS[key.replace(/^AWS:/, 'aws:')] ?? {};
    return operator !== 'Null' && (type === undefined || !OPERATORS[type].test(operator));
  });
  expect(used.size).toBeGreaterThan(10);
  expect(unfit).toEqual([]);
});

test('a key with a list of values must be in the request, as ForAllValues holds without it', () => {
  const used = conditionsOf(synthesize().toJSON().Resources);
  const count = (condition: string) => used.filter((each) => each === condition).length;
  for (const key of ['events:source', 'events:detail-type']) {
    expect(count(`ForAllValues:StringEquals ${key}`)).toBe(2);
    expect(count(`Null ${key}`)).toBe(2);
  }
});
