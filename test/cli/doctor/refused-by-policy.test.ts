import { type PolicyStatement, refusedByPolicy } from '../../../cli/doctor/refused-by-policy.ts';

const write = {
  roleArn: 'arn:aws:iam::123456789012:role/Copy',
  objectArn: 'arn:aws:s3:::our-videos/videos/a.mp4',
  headers: { 's3:x-amz-server-side-encryption': 'aws:kms', 's3:x-amz-acl': undefined },
};

const deny = (more: Partial<PolicyStatement>): PolicyStatement => ({
  Sid: 'It',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::our-videos/*',
  ...more,
});

test.each<[string, Partial<PolicyStatement>, 'certainly' | 'perhaps' | 'not']>([
  ['everything', {}, 'certainly'],
  ['plain HTTP', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, 'not'],
  ['reading', { Action: 's3:GetObject' }, 'not'],
  ['all but reading', { Action: undefined, NotAction: 's3:Get*' } as never, 'certainly'],
  ['other keys', { Resource: 'arn:aws:s3:::our-videos/private/*' }, 'not'],
  ['another role', { Principal: { AWS: 'arn:aws:iam::123456789012:role/Other' } }, 'not'],
  ['the whole account', { Principal: { AWS: ['arn:aws:iam::123456789012:root'] } }, 'certainly'],
  ['no encryption header', { Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } } }, 'not'],
  [
    'another encryption',
    { Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } } },
    'certainly',
  ],
  [
    'no ACL for the owner',
    { Condition: { StringNotEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } } },
    'certainly',
  ],
  ['all roles but one', { Condition: { ArnNotLike: { 'aws:PrincipalArn': '*:role/Copy' } } }, 'not'],
  [
    'all roles but another',
    { Condition: { ArnNotLike: { 'aws:PrincipalArn': '*:role/Other' } } },
    'certainly',
  ],
  ['other networks', { Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }, 'perhaps'],
  ['other organizations', { Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, 'perhaps'],
])('a policy that refuses %s', (_, more, expected) => {
  const found = refusedByPolicy([deny(more)], write);
  expect(found).toEqual({
    certainly: expected === 'certainly' ? ['It'] : [],
    perhaps: expected === 'perhaps' ? ['It'] : [],
  });
});

test('what a policy allows refuses nothing', () => {
  expect(refusedByPolicy([deny({ Effect: 'Allow' })], write)).toEqual({ certainly: [], perhaps: [] });
});
