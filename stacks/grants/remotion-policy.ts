import { getUserPolicy } from '@remotion/lambda/policies';
import { RENDERS_KEPT_FOR } from '../../functions/render/render-id.ts';
import type { PublishedStatement } from './grant-reasons.ts';
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

/** The steps that touch Remotion's resources, each with a role of its own. */
export type RemotionStep = 'StartRender' | 'GetRenderProgress' | 'CopyToBucket' | 'CancelRender';

const INVOKE: RemotionGrant = {
  sid: 'StartRender',
  from: 'FunctionManagement',
  why: 'renderMediaOnLambda invokes the Remotion function.',
  actions: ['lambda:InvokeFunction'],
  resources: functions,
};

const CLAIM: RemotionGrant = {
  sid: 'ClaimJob',
  from: 'Storage',
  why: "Jobs are named at run time. A job's claim, an object that is only written on a condition, keeps a second render of it from being started.",
  actions: ['s3:GetObject', 's3:PutObject'],
  resources: ({ jobsPrefix = 'render-workflows/', ...remotion }) => objects(`${jobsPrefix}*`)(remotion),
};

const FORMER_CLAIM: RemotionGrant = {
  sid: 'ReadFormerClaim',
  from: 'Storage',
  why: 'Jobs are named at run time. What version 0.1.0 has claimed, which kept the claims of all workflows here, is not rendered again.',
  actions: ['s3:GetObject'],
  resources: objects('render-jobs/*'),
};

const LIST_RENDERS: RemotionGrant = {
  sid: 'ListRenders',
  from: 'Storage',
  why: 'A render whose start was not answered is looked for among all renders, by the first character of the random part of their ids.',
  actions: ['s3:ListBucket'],
  resources: bucket,
  conditions: {
    StringLike: {
      's3:prefix': ['', ...RENDERS_KEPT_FOR].map((kind) => `renders/${kind}?`),
    },
  },
};

export const READ_PROGRESS: RemotionGrant = {
  sid: 'ReadProgress',
  from: 'Storage',
  why: 'Render ids are made at run time. The progress of a render says which job it is of.',
  actions: ['s3:GetObject'],
  resources: objects('renders/*/progress.json'),
};

const FIND_OUTPUT: RemotionGrant = {
  sid: 'ListOutput',
  from: 'Storage',
  why: 'Before a render is called lost or is cancelled, its output is looked for, whose extension depends on the codec.',
  actions: ['s3:ListBucket'],
  resources: bucket,
  conditions: { StringLike: { 's3:prefix': ['renders/*/out.'] } },
};

const forWorkflow = (...grants: RemotionGrant[]) => grants.map((grant) => ({ ...grant, workflowOnly: true }));

const GRANTS: Readonly<Record<RemotionStep, readonly RemotionGrant[]>> = {
  StartRender: [
    INVOKE,
    {
      sid: 'LargeInputProps',
      from: 'Storage',
      why: "A request's inputPropsUri names any object there, and Remotion's client writes props that are too large for an invocation there under a random name, with the ACL private.",
      actions: ['s3:GetObject', 's3:PutObject', 's3:PutObjectAcl'],
      resources: objects('input-props/*'),
    },
    // Before it joins a render it looks at it. getRenderProgress then may ask for the output, too, and goes by the
    // progress alone when that is refused, which is enough here.
    ...forWorkflow(CLAIM, FORMER_CLAIM, LIST_RENDERS, READ_PROGRESS, FIND_OUTPUT),
  ],
  GetRenderProgress: [
    {
      sid: 'ReadProgress',
      from: 'Storage',
      why: 'Render ids are made at run time. getRenderProgress reads progress.json, and looks whether the output is there when the progress alone does not tell.',
      actions: ['s3:GetObject'],
      resources: objects('renders/*/progress.json', 'renders/*/out.*'),
    },
    ...forWorkflow(FIND_OUTPUT),
  ],
  CopyToBucket: [
    {
      sid: 'ReadVideo',
      from: 'Storage',
      why: 'Render ids are made at run time, and the extension of the output depends on the codec.',
      actions: ['s3:GetObject'],
      resources: objects('renders/*/out.*'),
    },
    {
      sid: 'ListArtifacts',
      from: 'Storage',
      why: 'Render ids are made at run time, and a composition names what it emits beside its video.',
      actions: ['s3:ListBucket'],
      resources: bucket,
      conditions: { StringLike: { 's3:prefix': ['renders/*/artifacts/'] } },
      workflowOnly: true,
    },
    {
      sid: 'ReadArtifacts',
      from: 'Storage',
      why: 'Render ids are made at run time, and a composition names what it emits beside its video.',
      actions: ['s3:GetObject'],
      resources: objects('renders/*/artifacts/*'),
      workflowOnly: true,
    },
    {
      sid: 'RecordCopy',
      from: 'Storage',
      why: "Render ids are made at run time. A copy in parts leaves its upload's id beside the video, so that a retry goes on with it.",
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: objects('renders/*/copy.json'),
      workflowOnly: true,
    },
  ],
  CancelRender: [
    ...forWorkflow(CLAIM, FORMER_CLAIM, LIST_RENDERS, FIND_OUTPUT),
    READ_PROGRESS,
    {
      sid: 'CancelRender',
      from: 'Storage',
      why: "Render ids are made at run time. cancelRenderOnLambda leaves a signal in the render's folder, with the ACL private.",
      actions: ['s3:PutObject', 's3:PutObjectAcl'],
      resources: objects('renders/*/cancel.json'),
    },
  ],
};

const DELETE_SOURCE: readonly RemotionGrant[] = forWorkflow(
  {
    sid: 'ListRenderFiles',
    from: 'Storage',
    why: "Render ids are made at run time. A render's files are listed before they are deleted.",
    actions: ['s3:ListBucket'],
    resources: bucket,
    conditions: { StringLike: { 's3:prefix': ['renders/*/'] } },
  },
  {
    sid: 'DeleteRenderFiles',
    from: 'Storage',
    why: "Render ids are made at run time. A render's files go once its video is delivered.",
    actions: ['s3:DeleteObject'],
    resources: objects('renders/*'),
  },
);

/**
 * The grants that let a step do its part with Remotion's bucket, each narrowed from a statement of the policy that
 * Remotion publishes for the users of its client; `notInRemotionPolicy` says whether they all are.
 * Source: https://www.remotion.dev/docs/lambda/permissions
 */
export function remotionGrants(step: RemotionStep, remotion: RemotionResources): StepGrant[] {
  const ofBucket = GRANTS[step].filter((grant) => grant !== INVOKE);
  return narrowedFromUserPolicy(ofBucket, remotion);
}

/** Grants with the statements of Remotion's policy for users that they come from. */
export function narrowedFromUserPolicy(
  grants: readonly RemotionGrant[],
  remotion: RemotionResources,
): StepGrant[] {
  return narrowedGrants(grants, remotion, userPolicy());
}

/** The grants that let StartRender invoke Remotion's functions, by the names of these. */
export function invokeGrants(remotion: RemotionResources): Readonly<Record<string, StepGrant>> {
  const { functionName, otherFunctionNames = [], bucketName } = remotion;
  return Object.fromEntries(
    [functionName, ...otherFunctionNames].flatMap((name) =>
      narrowedGrants([INVOKE], { functionName: name, bucketName }, userPolicy()).map((grant) => [
        name,
        grant,
      ]),
    ),
  );
}

/** What CopyToBucket needs beside its `remotionGrants` when it deletes the files of a delivered render. */
export function deleteSourceGrants(remotion: RemotionResources): StepGrant[] {
  return narrowedFromUserPolicy(DELETE_SOURCE, remotion);
}

/**
 * The first action or resource of each step that Remotion's policy does not, or no longer, grant, each as an error
 * `NotInRemotionPolicy`. Of a name that is known only when the stack is deployed it takes that it is Remotion's.
 *
 * @param text Remotion's policy as JSON text. Default: that of the installed `@remotion/lambda`.
 */
export function notInRemotionPolicy(remotion: RemotionResources, text?: string): string[] {
  const published = userPolicy(text);
  return Object.entries({ ...GRANTS, CopyToBucket: [...GRANTS.CopyToBucket, ...DELETE_SOURCE] }).flatMap(
    ([step, grants]) => ungranted(step, grants, remotion, published),
  );
}

const userPolicy = (text: string = getUserPolicy()): PublishedPolicy => ({
  text,
  name: 'user policy',
  source: 'getUserPolicy()',
  derivedIn: 'stacks/grants/remotion-policy.ts',
});

/** A statement of Remotion's user policy. */
export function publishedStatement(sid: string): PublishedStatement {
  const { Statement } = JSON.parse(getUserPolicy()) as {
    Statement: { Sid: string; Action: string[]; Resource: string[] }[];
  };
  const found = Statement.find(({ Sid }) => Sid === sid);
  return { sid, actions: found?.Action ?? [], resources: found?.Resource ?? [] };
}
