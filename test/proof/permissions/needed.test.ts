import type { PolicyStatement } from '../../../local/aws.ts';
import {
  type ExplainedPolicies,
  type ExplainedStatement,
  grantsOf,
} from '../../../permissions/explained-statement.ts';
import { statementsWithout } from '../../../proof/permissions/needed.ts';
import { callsOf } from '../../../proof/permissions/used-grants.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Copy';
const own = (statement: Partial<PolicyStatement>): ExplainedStatement => ({
  holder: 'Copy',
  kind: 'role',
  holderArn: ROLE,
  why: 'It copies.',
  statement: { Effect: 'Allow', ...statement },
});
const policies: ExplainedPolicies = {
  roles: [],
  statements: [
    own({
      Sid: 'Videos',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
    }),
    own({ Sid: 'Invoke', Action: 'lambda:InvokeFunction', Resource: 'arn:f' }),
  ],
  display: (text) => text,
};

test('a grant is one action on one resource', () => {
  expect(grantsOf(policies).map(({ name }) => name)).toEqual([
    'Copy/Videos s3:GetObject arn:aws:s3:::a/*',
    'Copy/Videos s3:GetObject arn:aws:s3:::b/*',
    'Copy/Videos s3:PutObject arn:aws:s3:::a/*',
    'Copy/Videos s3:PutObject arn:aws:s3:::b/*',
    'Copy/Invoke lambda:InvokeFunction arn:f',
  ]);
});

test('taking one away leaves all the others', () => {
  const [, , putToA, , invoke] = grantsOf(policies);
  if (!putToA || !invoke) throw new Error('There are five grants.');
  expect(statementsWithout(policies, putToA)).toEqual([
    {
      Sid: 'Videos',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
    },
    { Sid: 'Videos', Effect: 'Allow', Action: 's3:PutObject', Resource: ['arn:aws:s3:::b/*'] },
    { Sid: 'Invoke', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: 'arn:f' },
  ]);
  expect(statementsWithout(policies, invoke)).toEqual([policies.statements[0]?.statement]);
});

test('the calls of a grant are those of its role, on its resource, that were allowed', () => {
  const [getFromA] = grantsOf(policies);
  if (!getFromA) throw new Error('There are five grants.');
  const call = {
    principal: ROLE,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::a/1',
    decision: 'Allow',
  } as const;
  const calls = [
    call,
    { ...call, resource: 'arn:aws:s3:::b/1' },
    { ...call, action: 's3:PutObject' },
    { ...call, principal: `${ROLE}2` },
    { ...call, decision: 'Deny' as const },
  ];
  expect(callsOf(getFromA, calls)).toEqual([call]);
});
