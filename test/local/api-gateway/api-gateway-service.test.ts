import { createApiGatewayService } from '../../../local/api-gateway/api-gateway-service.ts';
import { AwsError, type LocalService, type PolicyStatement } from '../../../local/aws.ts';
import type { LocalApiMethod } from '../../../local/cloud-assembly/local-stack.ts';
import { role, startTestGateway, type TestGateway } from '../test-gateway.ts';

const API = 'arn:aws:execute-api:us-east-1:123456789012:api/v1';
const allow = (Action: string, Resource: string): PolicyStatement => ({ Effect: 'Allow', Action, Resource });
const integrationRole = role('Api', [allow('states:DescribeExecution', '*')], 'apigateway.amazonaws.com');
const reader = role('Reader', [allow('execute-api:Invoke', `${API}/GET/renders/*`)]);

const get: LocalApiMethod = {
  httpMethod: 'GET',
  path: '/renders/{name}',
  takesObject: false,
  roleArn: integrationRole.arn,
  service: 'states',
  action: 'DescribeExecution',
  requestTemplate: `{"executionArn": "$input.params('name')"}`,
  responses: [{ status: 200 }, { status: 400, selectionPattern: '4\\d{2}' }],
};
const post = { ...get, httpMethod: 'POST', path: '/renders', takesObject: true, action: 'StartExecution' };

const echo: LocalService = {
  signingName: 'states',
  authorizations: ({ headers }) => [
    { action: `states:${headers['x-amz-target']?.split('.').at(-1)}`, resource: '*' },
  ],
  async handle({ body }) {
    const input = body.toString();
    if (input.includes('missing')) throw new AwsError('ExecutionDoesNotExist', 'It does not exist.');
    return { status: 200, body: input };
  },
  errorResponse: ({ code, message, status }) => ({
    status,
    body: JSON.stringify({ __type: code, message }),
  }),
};

let machine: TestGateway;
beforeAll(async () => {
  const apis = [{ id: 'api', stage: 'v1', methods: [get, post] }];
  machine = await startTestGateway({
    roles: [integrationRole, reader],
    more: (access) => [createApiGatewayService({ apis, access, services: [echo] })],
  });
});
afterAll(() => machine.stop());

/** The gateway looks at whose key it is and for which service it signed. */
async function call(
  method: string,
  path: string,
  options: { key?: string; service?: string; body?: string } = {},
) {
  const { key = 'administrator', service = 'execute-api', body } = options;
  const response = await fetch(`${machine.gateway.endpoint}/_aws/execute-api/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key && {
        authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260131/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      }),
    },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, body: await response.json() };
}

const MISSING_TOKEN = { status: 403, body: { message: 'Missing Authentication Token' } };

test('a method answers with what the service answers to the mapped request', async () => {
  expect(await call('GET', 'api/v1/renders/a%2Db')).toEqual({ status: 200, body: { executionArn: 'a-b' } });
});

test.each([
  ['without a signature', 'GET', 'api/v1/renders/a', { key: '' }],
  ['signed for another service', 'GET', 'api/v1/renders/a', { service: 's3' }],
  ['of an unknown path', 'GET', 'api/v1/videos', {}],
  ['of an unknown stage', 'GET', 'api/v2/renders/a', {}],
  ['of an unknown API', 'GET', 'other/v1/renders/a', {}],
  ['of an unknown method', 'DELETE', 'api/v1/renders/a', {}],
])('a request %s is answered with 403, as on AWS', async (_what, method, path, options) => {
  expect(await call(method, path, options)).toEqual(MISSING_TOKEN);
});

test('IAM decides by method and path', async () => {
  const key = machine.client(reader.arn).credentials.accessKeyId;
  expect(await call('GET', 'api/v1/renders/a', { key })).toMatchObject({ status: 200 });
  expect(await call('POST', 'api/v1/renders', { key, body: '{}' })).toEqual({
    status: 403,
    body: {
      Message: expect.stringContaining(
        `is not authorized to perform: execute-api:Invoke on resource: ${API}/POST/renders`,
      ),
    },
  });
});

test("the service is called with the integration's role, which may lack the permission", async () => {
  expect(await call('POST', 'api/v1/renders', { body: '{}' })).toEqual({
    status: 400,
    body: expect.objectContaining({
      __type: 'AccessDeniedException',
      message: expect.stringContaining('assumed-role/Api/'),
    }),
  });
});

test("the service's errors get the status of their selection pattern", async () => {
  expect(await call('GET', 'api/v1/renders/missing')).toEqual({
    status: 400,
    body: { __type: 'ExecutionDoesNotExist', message: 'It does not exist.' },
  });
});

test.each(['[1]', 'text', '{"a":'])('the body %s is no object and goes no further', async (body) => {
  expect(await call('POST', 'api/v1/renders', { body })).toEqual({
    status: 400,
    body: { message: 'Invalid request body' },
  });
});

test('a path that cannot be decoded is a bad request', async () => {
  expect(await call('GET', 'api/v1/renders/%E0%A4')).toMatchObject({ status: 400 });
});

test('an integration with another service is refused by name', () => {
  const apis = [{ id: 'api', stage: 'v1', methods: [{ ...get, service: 'dynamodb' }] }];
  expect(() => createApiGatewayService({ apis, access: machine.access, services: [echo] })).toThrow(
    'api GET /renders/{name}: an integration with dynamodb is not supported',
  );
});
