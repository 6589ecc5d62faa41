import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { assemblyOf, temporaryFolder } from './synthesize.ts';

const ENDPOINT = 'http://127.0.0.1:4566';
const folder = temporaryFolder();
afterAll(() => folder.remove());

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

const read = (Resources: Resources, Outputs = {}) =>
  readCloudAssembly(assemblyOf(folder.path, { Resources, Outputs }), { endpoint: ENDPOINT });
const refusal = (message: string) =>
  expect.objectContaining({ name: 'UnsupportedTemplate', message: expect.stringContaining(message) });

describe('a pipe', () => {
  const queues: Resources = {
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: {} },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: 5 },
      },
    },
  };
  const properties = {
    RoleArn: 'arn:aws:iam::123456789012:role/pipe',
    Source: { 'Fn::GetAtt': ['Queue', 'Arn'] },
    SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
    Target: 'arn:aws:states:us-east-1:123456789012:stateMachine:renders',
    TargetParameters: {
      InputTemplate: '{"detail": <$.body>}',
      StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' },
    },
    LogConfiguration: { Level: 'ERROR' },
  };
  const readWith = (changed: object) =>
    read({ ...queues, Pipe: { Type: 'AWS::Pipes::Pipe', Properties: { ...properties, ...changed } } });

  test('has its queue, its state machine, its role and its template', () => {
    const { pipes, queues: read } = readWith({});
    const [deadLetters, queue] = read;
    expect(queue).toMatchObject({
      visibilityTimeoutInSeconds: 60,
      redrive: { deadLetterQueueArn: deadLetters?.arn, maximumReceiveCount: 5 },
    });
    expect(deadLetters?.redrive).toBeUndefined();
    expect(pipes).toEqual([
      {
        logicalId: 'Pipe',
        name: expect.stringMatching(/^ByHand-Pipe-[0-9a-f]{12}$/),
        arn: expect.stringMatching(/^arn:aws:pipes:us-east-1:123456789012:pipe\/ByHand-Pipe-/),
        roleArn: properties.RoleArn,
        queueArn: queue?.arn,
        stateMachineArn: properties.Target,
        inputTemplate: '{"detail": <$.body>}',
      },
    ]);
  });

  test.each([
    ['an enrichment', { Enrichment: 'arn:aws:lambda:x' }, 'Enrichment of AWS::Pipes::Pipe'],
    ['another source', { Source: 'arn:aws:kinesis:x' }, 'arn:aws:kinesis:x is no queue'],
    ['another target', { Target: 'arn:aws:lambda:x' }, 'arn:aws:lambda:x is no state machine'],
    [
      'batches',
      { SourceParameters: { SqsQueueParameters: { BatchSize: 10 } } },
      'SourceParameters: a queue with BatchSize 1',
    ],
    [
      'a filter',
      { SourceParameters: { ...properties.SourceParameters, FilterCriteria: {} } },
      'SourceParameters: a queue with BatchSize 1',
    ],
    ['another invocation type', { TargetParameters: {} }, 'TargetParameters: FIRE_AND_FORGET'],
  ])('with %s is refused by name', (_what, changed, message) => {
    expect(() => readWith(changed)).toThrow(refusal(message));
  });
});

describe('a REST API', () => {
  const of = (Type: string, Properties: object) => ({
    Type: `AWS::ApiGateway::${Type}`,
    Properties: { RestApiId: { Ref: 'Api' }, ...Properties },
  });
  const integration = {
    Type: 'AWS',
    IntegrationHttpMethod: 'POST',
    PassthroughBehavior: 'NEVER',
    Credentials: 'arn:aws:iam::123456789012:role/api',
    Uri: 'arn:aws:apigateway:us-east-1:states:action/StartExecution',
    RequestTemplates: { 'application/json': '{}' },
    IntegrationResponses: [{ StatusCode: '200' }, { StatusCode: '400', SelectionPattern: '4\\d{2}' }],
  };
  const method = {
    HttpMethod: 'POST',
    AuthorizationType: 'AWS_IAM',
    ResourceId: { Ref: 'Name' },
    RequestValidatorId: { Ref: 'Validator' },
    RequestModels: { 'application/json': { Ref: 'Request' } },
    Integration: integration,
  };
  const resources = (changed: object): Resources => ({
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'renders' } },
    Renders: of('Resource', { ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, PathPart: 'renders' }),
    Name: of('Resource', { ParentId: { Ref: 'Renders' }, PathPart: '{name}' }),
    Validator: of('RequestValidator', { ValidateRequestBody: true }),
    Request: of('Model', { Schema: { type: 'object' } }),
    Stage: of('Stage', { StageName: 'v1', DeploymentId: { Ref: 'Deployment' } }),
    Deployment: of('Deployment', {}),
    Method: of('Method', { ...method, ...changed }),
  });

  test('has its methods with path, role, action, template and answers', () => {
    expect(read(resources({})).restApis).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{10}$/),
        stage: 'v1',
        methods: [
          {
            httpMethod: 'POST',
            path: '/renders/{name}',
            takesObject: true,
            roleArn: integration.Credentials,
            service: 'states',
            action: 'StartExecution',
            requestTemplate: '{}',
            responses: [{ status: 200 }, { status: 400, selectionPattern: '4\\d{2}' }],
          },
        ],
      },
    ]);
  });

  test("has this machine's address in the outputs", () => {
    const Value = { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1/renders' };
    const { outputs, restApis } = read(resources({}), { Url: { Value } });
    expect(outputs.Url).toBe(`${ENDPOINT}/_aws/execute-api/${restApis[0]?.id}/v1/renders`);
  });

  test.each([
    ['a method that anybody may call', { AuthorizationType: 'NONE' }, 'NONE is not supported'],
    ['an API key', { ApiKeyRequired: true }, 'ApiKeyRequired of AWS::ApiGateway::Method'],
    ['a proxy', { Integration: { ...integration, Type: 'AWS_PROXY' } }, 'Integration: an AWS action'],
    [
      'content handling',
      { Integration: { ...integration, ContentHandling: 'x' } },
      'Integration: an AWS action',
    ],
    [
      'a template for answers',
      {
        Integration: { ...integration, IntegrationResponses: [{ StatusCode: '200', ResponseTemplates: {} }] },
      },
      'IntegrationResponses/0: ResponseTemplates is not supported',
    ],
  ])('with %s is refused by name', (_what, changed, message) => {
    expect(() => read(resources(changed))).toThrow(refusal(message));
  });

  test('with a model of more than an object, or without a stage, is refused by name', () => {
    const closer = {
      ...resources({}),
      Request: of('Model', { Schema: { type: 'object', required: ['a'] } }),
    };
    expect(() => read(closer)).toThrow(refusal('RequestModels: one model of type object'));
    const { Stage: _, ...withoutStage } = resources({});
    expect(() => read(withoutStage)).toThrow(refusal('an API with one stage is needed'));
  });
});
