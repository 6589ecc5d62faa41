import type { PolicyStatement } from '../../../local/aws.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { role } from '../test-gateway.ts';

const RULE = 'arn:aws:events:us-east-1:123456789012:rule/renders/requested';
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:Workflow';
const trusting = (Condition?: PolicyStatement['Condition']) => ({
  ...role('Starter', [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: MACHINE }]),
  trust: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' }, Condition },
  ] satisfies PolicyStatement[],
});
const denied = expect.objectContaining({ name: 'AccessDeniedException', status: 403 });

test('a service assumes a role whose trust policy names it, and then may do what the role may', () => {
  const starter = trusting();
  const access = new AccessControl({ roles: [starter], resourcePolicies: {} });
  const caller = access.assumeRole(starter.arn, {
    kind: 'service',
    service: 'events.amazonaws.com',
    sourceArn: RULE,
  });
  access.authorize(caller, { action: 'states:StartExecution', resource: MACHINE });
  expect(() => access.authorize(caller, { action: 'states:StopExecution', resource: MACHINE })).toThrow(
    denied,
  );
  expect(access.calls.map(({ principal, action, decision }) => [principal, action, decision])).toEqual([
    ['events.amazonaws.com', 'sts:AssumeRole', 'Allow'],
    [starter.arn, 'states:StartExecution', 'Allow'],
    [starter.arn, 'states:StopExecution', 'Deny'],
  ]);
});

test('another service is refused the role', () => {
  const starter = trusting();
  const access = new AccessControl({ roles: [starter], resourcePolicies: {} });
  expect(() => access.assumeRole(starter.arn, { kind: 'service', service: 'lambda.amazonaws.com' })).toThrow(
    denied,
  );
});

test('a trust policy can demand this account and one source', () => {
  const starter = trusting({
    StringEquals: { 'aws:SourceAccount': '123456789012' },
    ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:123456789012:rule/renders/*' },
  });
  const access = new AccessControl({ roles: [starter], resourcePolicies: {} });
  const assume = (sourceArn?: string) =>
    access.assumeRole(starter.arn, { kind: 'service', service: 'events.amazonaws.com', sourceArn });
  expect(assume(RULE)).toMatchObject({ kind: 'role', roleArn: starter.arn });
  expect(() => assume('arn:aws:events:us-east-1:123456789012:rule/other')).toThrow(denied);
  expect(() => assume()).toThrow(denied);
});

test('a function’s policy lets a service invoke it, and its versions', () => {
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:cancel-render';
  const access = new AccessControl({
    roles: [],
    resourcePolicies: {
      [arn]: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: [arn, `${arn}:*`],
          Condition: { ArnLike: { 'aws:SourceArn': RULE } },
        },
      ],
    },
  });
  const invoke = (resource: string, sourceArn: string) =>
    access.authorize(
      { kind: 'service', service: 'events.amazonaws.com', sourceArn },
      { action: 'lambda:InvokeFunction', resource },
    );
  invoke(arn, RULE);
  invoke(`${arn}:1`, RULE);
  expect(() => invoke(arn, `${RULE}-other`)).toThrow(denied);
  expect(() => invoke(`${arn}-other`, RULE)).toThrow(denied);
});

test('keys are issued for roles that exist, and others are the administrator’s', () => {
  const starter = trusting();
  const access = new AccessControl({ roles: [starter], resourcePolicies: {} });
  expect(access.identify(access.issueCredentials(starter.arn).accessKeyId)).toMatchObject({
    roleArn: starter.arn,
  });
  expect(access.identify('AKIAOTHER')).toEqual({ kind: 'administrator' });
  expect(access.identify(undefined)).toEqual({ kind: 'anonymous' });
  expect(() => access.issueCredentials('arn:aws:iam::123456789012:role/None')).toThrow(
    expect.objectContaining({ name: 'NoSuchEntity' }),
  );
});

test('a policy can be exchanged while the machine runs, and given back', () => {
  const starter = trusting();
  const access = new AccessControl({ roles: [starter], resourcePolicies: {} });
  const start = () =>
    access.authorize(access.identify(key), { action: 'states:StartExecution', resource: MACHINE });
  const key = access.issueCredentials(starter.arn).accessKeyId;
  access.replacePolicy(starter.arn, []);
  expect(start).toThrow(denied);
  access.replacePolicy(starter.arn);
  expect(start).not.toThrow();
});

test('a service’s source is of the account that is in its ARN', () => {
  const starter = trusting({ StringEquals: { 'aws:SourceAccount': '123456789012' } });
  const access = new AccessControl({ roles: [starter], resourcePolicies: {} });
  const assumeFor = (account: string) =>
    access.assumeRole(starter.arn, {
      kind: 'service',
      service: 'events.amazonaws.com',
      sourceArn: RULE.replace('123456789012', account),
    });
  expect(() => assumeFor('123456789012')).not.toThrow();
  expect(() => assumeFor('999999999999')).toThrow(denied);
});
