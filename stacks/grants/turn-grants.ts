import type { Role } from 'aws-cdk-lib/aws-iam';
import { Policy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { explainGrants } from './grant-reasons.ts';
import { bucket, objects, type RemotionGrant, type RemotionResources } from './narrowed-grants.ts';
import { narrowedFromUserPolicy, READ_PROGRESS } from './remotion-policy.ts';
import { acknowledgeWildcards, type StepGrant, toPolicyStatement } from './step-grant.ts';

/** The functions that have to do with the turns of renders. */
export type TurnFunction =
  | 'AwaitTurn'
  | 'StartRender'
  | 'GetRenderProgress'
  | 'CancelRender'
  | 'SweepRenders';

/** Objects of a workflow's turns. */
const ofTurns =
  (name: string) =>
  ({ turnsPrefix = 'render-workflows/', ...remotion }: RemotionResources) =>
    objects(`${turnsPrefix}${name}`)(remotion);

const REGISTER: RemotionGrant = {
  sid: 'RegisterOfTurns',
  from: 'Storage',
  why: 'Which renders may run is in one object, that is only written on a condition.',
  actions: ['s3:GetObject', 's3:PutObject'],
  resources: ofTurns('register.json'),
};

const HAND_OUT: readonly RemotionGrant[] = [
  REGISTER,
  {
    sid: 'CallTickets',
    from: 'Storage',
    why: 'Tickets are named at run time. That of a render whose turn has come is read and deleted.',
    actions: ['s3:GetObject', 's3:DeleteObject'],
    resources: ofTurns('waiting/*'),
  },
  {
    sid: 'ListTickets',
    from: 'Storage',
    why: 'The tickets in their order are the line.',
    actions: ['s3:ListBucket'],
    resources: bucket,
    // Of the prefix alone, which has no wildcard.
    conditions: {},
  },
];

const GRANTS: Readonly<Record<TurnFunction, readonly RemotionGrant[]>> = {
  StartRender: [REGISTER],
  GetRenderProgress: HAND_OUT,
  CancelRender: HAND_OUT,
  AwaitTurn: [
    ...HAND_OUT,
    {
      sid: 'LeaveTicket',
      from: 'Storage',
      why: 'Tickets are named at run time. A render that has to wait leaves one.',
      actions: ['s3:PutObject'],
      resources: ofTurns('waiting/*'),
    },
  ],
  SweepRenders: [
    ...HAND_OUT,
    {
      sid: 'RememberSweep',
      from: 'Storage',
      why: 'What ran at the last sweep tells what has ended since.',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: ofTurns('last-sweep.json'),
    },
    {
      sid: 'ReadClaims',
      from: 'Storage',
      why: 'Jobs are named at run time. The claim of an execution that has ended says whether it has left a render.',
      actions: ['s3:GetObject'],
      resources: ({ jobsPrefix = 'render-workflows/', ...remotion }) => objects(`${jobsPrefix}*`)(remotion),
    },
    READ_PROGRESS,
  ],
};

/** What a function needs in the Remotion bucket for the turns of renders. */
export function turnGrants(step: TurnFunction, remotion: RemotionResources): StepGrant[] {
  const { turnsPrefix = '' } = remotion;
  const grants = GRANTS[step].map((grant) => ({
    ...grant,
    workflowOnly: true,
    ...(grant.sid === 'ListTickets' && {
      conditions: { StringEquals: { 's3:prefix': `${turnsPrefix}waiting/` } },
    }),
  }));
  return narrowedFromUserPolicy(grants, remotion);
}

/**
 * What a role needs to let waiting executions go on, and beside it to send them away. The service authorization
 * reference names no resource for it, yet AWS looks for the state machine where the task is no activity's
 * (tried: https://github.com/aws/aws-cdk/pull/8486), and the CDK's `grants.taskResponse` names it too.
 * The key has to let the caller encrypt what it sends:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html (`KmsAccessDeniedException`).
 *
 * @param key That the executions are encrypted with.
 */
export function callGrants(
  stateMachine: StateMachine,
  key: IKey | undefined,
  { sendsAway = false } = {},
): StepGrant[] {
  const { stateMachineArn } = stateMachine;
  const grants: StepGrant[] = [
    {
      sid: 'CallWaiting',
      why: 'An execution that waits goes on when its turn has come.',
      actions: ['states:SendTaskSuccess', ...(sendsAway ? ['states:SendTaskFailure'] : [])],
      resources: [stateMachineArn],
    },
  ];
  if (key)
    grants.push({
      sid: 'EncryptTurn',
      why: 'The executions are encrypted with this key, and so is what they are told.',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: encryptionContext(stateMachine),
    });
  return grants;
}

/** What a role needs to ask for executions of the state machine. */
export function describeGrants(stateMachine: StateMachine, key: IKey | undefined, why: string): StepGrant[] {
  const grants: StepGrant[] = [
    {
      sid: 'DescribeExecution',
      why,
      actions: ['states:DescribeExecution'],
      resources: [
        `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${stateMachine.stateMachineName}:*`,
      ],
    },
  ];
  if (key)
    grants.push({
      sid: 'DecryptExecution',
      why: 'The executions are encrypted with this key.',
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: encryptionContext(stateMachine),
    });
  return grants;
}

function encryptionContext({ stateMachineArn }: StateMachine): NonNullable<StepGrant['conditions']> {
  return { StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': stateMachineArn } };
}

/** Gives grants about the state machine apart from the role's own policies, for which its function, and so the machine, would wait. */
export function grantApart(scope: Construct, id: string, role: Role, grants: readonly StepGrant[]): void {
  const policy = new Policy(scope, id, { statements: grants.map(toPolicyStatement), roles: [role] });
  for (const grant of grants) acknowledgeWildcards(policy, grant);
  explainGrants(role, ...grants);
}
