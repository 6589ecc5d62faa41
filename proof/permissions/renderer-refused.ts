import { functionArn } from '../../local/lambda/function-configuration.ts';
import type { RefusedResult } from './refused.ts';
import type { RendererMachine } from './renderer-machine.ts';

/** What each role of the renderer is refused: an action on what its work is near to. */
export function* proveRefusedCalls({
  access,
  policies,
  stack,
  ...machine
}: RendererMachine): Generator<RefusedResult> {
  const bucket = `arn:aws:s3:::${machine.remotionBucketName}`;
  const videos = `arn:aws:s3:::${stack.outputs.DestinationBucketName}`;
  const attempts = [
    ["read a job's claim", 's3:GetObject', `${bucket}/render-jobs/a.json`],
    ["change a job's claim", 's3:PutObject', `${bucket}/render-jobs/a.json`],
    ["delete a job's claim", 's3:DeleteObject', `${bucket}/render-jobs/a.json`],
    ["delete a render's output", 's3:DeleteObject', `${bucket}/renders/a/out.mp4`],
    ["change another site's files", 's3:PutObject', `${bucket}/sites/another-0123456789/index.html`],
    ["delete a site's files", 's3:DeleteObject', `${bucket}/sites/hello-world-0123456789/index.html`],
    ['write input props', 's3:PutObject', `${bucket}/input-props/a.json`],
    ["change the bucket's policy", 's3:PutBucketPolicy', bucket],
    ['list all buckets', 's3:ListAllMyBuckets', '*'],
    ['make a bucket', 's3:CreateBucket', 'arn:aws:s3:::remotionlambda-another'],
    [
      'read another Remotion bucket',
      's3:GetObject',
      'arn:aws:s3:::remotionlambda-another/renders/a/cancel.json',
    ],
    ['read a delivered video', 's3:GetObject', `${videos}/a.mp4`],
    ['write a video', 's3:PutObject', `${videos}/a.mp4`],
    [
      'invoke another Remotion function',
      'lambda:InvokeFunction',
      functionArn('remotion-render-4-0-1-mem512mb-disk512mb-30sec'),
    ],
    ['start an execution', 'states:StartExecution', stack.stateMachines[0]?.arn ?? ''],
    ['publish an event', 'events:PutEvents', `arn:aws:events:us-east-1:123456789012:event-bus/default`],
  ] as const;
  for (const role of policies.roles) {
    const caller = access.identify(access.issueCredentials(role.arn).accessKeyId);
    for (const [what, action, resource] of attempts) {
      const refused = !access.permits(caller, { action, resource });
      yield { role: role.name, what, refused, answer: refused ? 'AccessDenied' : 'allowed' };
    }
  }
}
