import { Aws, Token } from 'aws-cdk-lib/core';
import type { StepGrant } from './step-grant.ts';

/** The Remotion functions and the one Remotion bucket that a deployment uses. */
export interface RemotionResources {
  readonly functionName: string;
  /** Functions of other sizes. */
  readonly otherFunctionNames?: readonly string[];
  readonly bucketName: string;
  /** Prefix of the claims of a workflow's jobs, of which each workflow has its own. @default - of all workflows */
  readonly jobsPrefix?: string;
  /** Prefix of the register and the tickets of a workflow's turns. @default - of all workflows */
  readonly turnsPrefix?: string;
}

/** What a role does with Remotion's resources, and the statement of Remotion's policy that it comes from. */
export interface RemotionGrant extends Omit<StepGrant, 'resources' | 'from'> {
  /** `Sid` of the statement in Remotion's policy. */
  readonly from: string;
  readonly resources: (remotion: RemotionResources) => readonly string[];
}

/** A policy as Remotion publishes it. */
export interface PublishedPolicy {
  /** JSON. */
  readonly text: string;
  /** E.g. `user policy`. */
  readonly name: string;
  /** The call that gives it. */
  readonly source: string;
  /** The file with the grants that are derived from it. */
  readonly derivedIn: string;
}

interface RemotionStatement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export const objects =
  (...patterns: string[]) =>
  ({ bucketName }: RemotionResources): string[] =>
    patterns.map((pattern) => `arn:${Aws.PARTITION}:s3:::${bucketName}/${pattern}`);

export const bucket = ({ bucketName }: RemotionResources): string[] => [
  `arn:${Aws.PARTITION}:s3:::${bucketName}`,
];

export const functions = ({ functionName, otherFunctionNames = [] }: RemotionResources): string[] =>
  [functionName, ...otherFunctionNames].map(
    (name) => `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${name}`,
  );

/** Grants with the ARNs of a deployment, and with the statements of Remotion's policy that they come from. */
export function narrowedGrants(
  grants: readonly RemotionGrant[],
  remotion: RemotionResources,
  policy: PublishedPolicy,
): StepGrant[] {
  const published = statementsOf(policy);
  return grants.map((grant) => {
    const statement = published.find(({ Sid }) => Sid === grant.from);
    const { from: sid, ...rest } = grant;
    const from = { sid, actions: statement?.Action ?? [], resources: statement?.Resource ?? [] };
    return { ...rest, resources: grant.resources(remotion), from, ...ownersBucketOnly(grant) };
  });
}

/**
 * The first action or resource that the grants need and the policy does not, or no longer, grant, as an error
 * `NotInRemotionPolicy`; none, if it grants all. Of a name that is known only when the stack is deployed it takes
 * that it is Remotion's.
 *
 * @param who Needs them.
 */
export function ungranted(
  who: string,
  grants: readonly RemotionGrant[],
  { functionName, otherFunctionNames = [], bucketName }: RemotionResources,
  policy: PublishedPolicy,
): string[] {
  const name = (given: string, begin: string) => (Token.isUnresolved(given) ? begin : given);
  const remotion = {
    functionName: name(functionName, 'remotion-render-'),
    otherFunctionNames: otherFunctionNames.map((other) => name(other, 'remotion-render-')),
    bucketName: name(bucketName, 'remotionlambda-'),
  };
  const published = statementsOf(policy);
  const missing = grants
    .map((grant) => {
      const what = notGranted(grant, remotion, published);
      return what && `${what}, which the statement "${grant.from}"`;
    })
    .find(Boolean);
  if (missing === undefined) return [];
  return [
    `NotInRemotionPolicy: ${who} needs ${missing} of Remotion's ${policy.name} does not grant. Use a bucket and a function with Remotion's own names, and compare ${policy.source} of the installed @remotion/lambda with ${policy.derivedIn}.`,
  ];
}

function statementsOf({ text }: PublishedPolicy): RemotionStatement[] {
  return (JSON.parse(text) as { Statement: RemotionStatement[] }).Statement;
}

/** A bucket's ARN names no account: the condition refuses a bucket of the same name that is somebody else's. */
function ownersBucketOnly({ actions, conditions }: RemotionGrant): Pick<StepGrant, 'conditions'> {
  if (!actions.some((action) => action.startsWith('s3:'))) return {};
  const StringEquals = { ...conditions?.StringEquals, 'aws:ResourceAccount': Aws.ACCOUNT_ID };
  return { conditions: { ...conditions, StringEquals } };
}

function notGranted(
  { from, actions, resources }: RemotionGrant,
  remotion: RemotionResources,
  published: readonly RemotionStatement[],
): string | undefined {
  const statement = published.find(({ Sid }) => Sid === from);
  const action = actions.find((wanted) => !statement?.Action.includes(wanted));
  const resource = resources(remotion).find(
    (wanted) => !statement?.Resource.some((pattern) => covers(pattern, wanted)),
  );
  const missing = action ?? resource?.replaceAll(Aws.REGION, '*').replaceAll(Aws.ACCOUNT_ID, '*');
  return missing?.replaceAll(Aws.PARTITION, 'aws');
}

/** Whether everything that `resource` matches is also matched by `pattern`, Remotion's ARN pattern. */
function covers(pattern: string, resource: string): boolean {
  const expression = pattern
    .split('*')
    .map((literal) => literal.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(resource.replaceAll(Aws.PARTITION, 'aws'));
}
