import { getRolePolicy } from '@remotion/lambda/policies';
import { Aws } from 'aws-cdk-lib/core';
import {
  bucket,
  functions,
  narrowedGrants,
  objects,
  type PublishedPolicy,
  type RemotionGrant,
  type RemotionResources,
  ungranted,
} from './narrowed-grants.ts';
import type { StepGrant } from './step-grant.ts';

/** The statements of Remotion's role policy have numbers for names. */
const STATEMENTS = { objects: '1', invoke: '2', logs: '4' } as const;

const GRANTS: readonly RemotionGrant[] = [
  {
    sid: 'WriteRender',
    from: STATEMENTS.objects,
    why: 'Render ids are made at run time. A render writes its progress, its output and its artifacts, each with an ACL.',
    actions: ['s3:PutObject', 's3:PutObjectAcl'],
    resources: objects('renders/*'),
  },
  {
    sid: 'LookForFiles',
    from: STATEMENTS.objects,
    why: 'Render ids are made at run time. A render looks whether its output is there already, and every second whether it is to be cancelled.',
    actions: ['s3:GetObject'],
    resources: objects('renders/*/cancel.json', 'renders/*/out.*'),
  },
  {
    sid: 'LookForMissing',
    from: STATEMENTS.objects,
    why: 'S3 says of a signal or an output that it is not there only to those who may list the bucket; to others it says 403, at which the render fails.',
    actions: ['s3:ListBucket'],
    resources: bucket,
  },
  {
    sid: 'TakeInputProps',
    from: STATEMENTS.objects,
    why: 'Names are made at run time. Props that are too large for an invocation are read, and deleted after the render.',
    actions: ['s3:GetObject', 's3:DeleteObject'],
    resources: objects('input-props/*'),
  },
  {
    sid: 'KeepResolvedProps',
    from: STATEMENTS.objects,
    why: 'Names are made at run time. Props that calculateMetadata has made and that are too large for an invocation go to the functions of a render that way, with an ACL.',
    actions: ['s3:PutObject', 's3:PutObjectAcl', 's3:GetObject', 's3:DeleteObject'],
    resources: objects('resolved-props/*'),
  },
  {
    sid: 'InvokeItself',
    from: STATEMENTS.invoke,
    why: 'A render is launched, and its chunks are rendered, by further invocations of the same function.',
    actions: ['lambda:InvokeFunction'],
    resources: functions,
  },
  {
    sid: 'WriteLogs',
    from: STATEMENTS.logs,
    why: "Log streams are named at run time. The function's log lines go into its own log group.",
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: ({ functionName }) => [
      `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:/aws/lambda/${functionName}:*`,
    ],
  },
];

/**
 * What one Remotion function may do, each grant narrowed from a statement of the policy that Remotion publishes for
 * the role of its functions; `rendererNotInRemotionPolicy` says whether they all are.
 * Source: https://www.remotion.dev/docs/lambda/permissions
 */
export function rendererGrants(remotion: RemotionResources): StepGrant[] {
  return narrowedGrants(GRANTS, remotion, rolePolicy());
}

/**
 * What a Remotion function needs and Remotion's policy does not, or no longer, grant, as an error
 * `NotInRemotionPolicy`.
 *
 * @param text Remotion's policy as JSON text. Default: that of the installed `@remotion/lambda`.
 */
export function rendererNotInRemotionPolicy(remotion: RemotionResources, text?: string): string[] {
  return ungranted("Remotion's function", GRANTS, remotion, rolePolicy(text));
}

const rolePolicy = (text: string = getRolePolicy()): PublishedPolicy => ({
  text,
  name: 'role policy',
  source: 'getRolePolicy()',
  derivedIn: 'stacks/grants/renderer-policy.ts',
});
