import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { jest } from '@jest/globals';

jest.setTimeout(60_000);

const command = join(import.meta.dirname, '../../bin/permissions.ts');
const run = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });

const BUCKET = 'arn:aws:s3:::their-bucket';
const ROLE = 'arn:aws:iam::111122223333:role/RemotionStepFunctions-CopyToBucketRole-1A2B3C';
const KEY = 'arn:aws:kms:eu-west-1:444455556666:key/1234abcd';

test('prints the bucket policy for the owner of a destination bucket, ready to pipe on', () => {
  const { status, stdout, stderr } = run(
    '--destination',
    BUCKET,
    '--account',
    '111122223333',
    '--role',
    ROLE,
  );
  expect(status).toBe(0);
  expect(stderr).toContain(BUCKET);
  expect(JSON.parse(stdout)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RenderWorkflowWritesVideos',
        Effect: 'Allow',
        Principal: { AWS: ROLE },
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: `${BUCKET}/*`,
      },
    ],
  });
});

test('prints also what the key of the bucket needs, and before the role is known trusts only the stack’s roles', () => {
  const { status, stdout } = run('--destination', BUCKET, '--account', '111122223333', '--key', KEY);
  expect(status).toBe(0);
  const [bucketPolicy, keyStatement] = stdout
    .split(/(?<=^\})\n/m)
    .slice(0, 2)
    .map((text) => JSON.parse(text));
  const theirs = { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/RemotionStepFunctions*' };
  expect(bucketPolicy.Statement[0]).toMatchObject({
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Condition: { ArnLike: theirs },
  });
  expect(keyStatement).toEqual({
    Sid: 'RenderWorkflowEncryptsVideos',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
    Resource: '*',
    Condition: { ArnLike: theirs, StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
  });
});

test.each([
  [['--destination', 'their-bucket', '--account', '111122223333'], '--destination is "their-bucket"'],
  [['--destination', BUCKET, '--account', '1111'], '--account is "1111"'],
  [['--destination', BUCKET], '--destination and --account are needed together'],
  [['--account', '111122223333'], '--destination and --account are needed together'],
  [['--destination', BUCKET, '--account', '111122223333', '--json'], '--json'],
  [['--destination', BUCKET, '--account', '111122223333', '--key', 'mine'], '--key is "mine"'],
  [
    ['--destination', BUCKET, '--account', '111122223333', '--role', 'arn:aws:iam::444455556666:role/R'],
    '--role is',
  ],
  [['--assembly', 'nowhere'], 'there is no cloud assembly'],
  [['--tables'], "Unknown option '--tables'"],
])('%j is refused with status 2 and says why', (args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
