import { PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Aws } from 'aws-cdk-lib/core';
import { actingService } from './acting-service.ts';
import { explainGrants } from './grant-reasons.ts';
import { grantToRole, type StepGrant } from './step-grant.ts';

/**
 * Customer managed keys, each optional: what has none is encrypted with a key of AWS. The stack adds what follows
 * to the policy of a key that is created in the app; the owner of an imported key has to.
 */
export interface EncryptionKeys {
  /** For the new destination bucket. An existing bucket brings its own: `Bucket.fromBucketAttributes`. */
  readonly destinationBucket?: IKey;
  /**
   * That an existing Remotion bucket is encrypted with; a renderer has its own. Remotion's function needs `kms:GenerateDataKey` and
   * `kms:Decrypt` on it too, which its role does not have by itself.
   */
  readonly remotionBucket?: IKey;
  /** For the queues of events that could not be delivered. */
  readonly deadLetterQueue?: IKey;
  /** For the queue of render requests. Senders need `kms:GenerateDataKey` and `kms:Decrypt` on it. */
  readonly renderQueue?: IKey;
  /** For the logs of the functions and of the state machine. */
  readonly logs?: IKey;
  /** For the definition of the state machine and the history of its executions. */
  readonly stateMachine?: IKey;
}

const LOGS = `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}`;

/** Lets CloudWatch Logs encrypt this account's log groups with the key. */
export function allowLogGroups(key: IKey): void {
  allowService(key, {
    sid: 'EncryptLogGroups',
    why: 'CloudWatch Logs encrypts the log groups with this key.',
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    principal: new ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`, {
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `${LOGS}:log-group:*` } },
    }),
  });
}

/** Lets EventBridge's rules of this account send to a queue that is encrypted with the key. */
export function allowRules(key: IKey): void {
  allowService(key, {
    sid: 'EncryptDeadLetters',
    why: 'EventBridge sends what it could not deliver to a queue that is encrypted with this key.',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    principal: actingService('events', 'rule/*'),
  });
}

/**
 * Lets the state machine of this name encrypt its definition and history with the key, and hand its log on.
 * The CDK's own grants do neither for a machine without a name, and let log delivery decrypt everything.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
 */
export function allowStateMachine(key: IKey, role: Role, stateMachineName: string): void {
  const machine = `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${stateMachineName}`;
  const logDelivery = { StringEquals: { 'kms:EncryptionContext:SourceArn': `${LOGS}:*` } };
  const grants: StepGrant[] = [
    {
      sid: 'EncryptExecutions',
      why: 'Step Functions encrypts the definition and the history of the executions with this key.',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': machine } },
    },
    {
      sid: 'EncryptLogDelivery',
      why: 'The log of an encrypted state machine is encrypted on its way to CloudWatch Logs. The * is in the encryption context that AWS sends.',
      actions: ['kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: logDelivery,
    },
  ];
  grantToRole(role, ...grants);
  allowService(key, {
    sid: 'DecryptLogDelivery',
    why: 'CloudWatch Logs decrypts the log that the state machine hands on.',
    actions: ['kms:Decrypt'],
    principal: new ServicePrincipal('delivery.logs.amazonaws.com', { conditions: logDelivery }),
  });
}

function allowService(
  key: IKey,
  grant: Pick<StepGrant, 'sid' | 'why' | 'actions'> & { principal: ServicePrincipal },
): void {
  const { sid, actions, principal } = grant;
  // A key's policy speaks of its own key only: "*" is that key.
  const statement = new PolicyStatement({
    sid,
    actions: [...actions],
    principals: [principal],
    resources: ['*'],
  });
  key.addToResourcePolicy(statement);
  explainGrants(key, grant);
  explainOwner(key);
}

/** The reason of the statement that the CDK puts into the policy of every key. */
export function explainOwner(key: IKey): void {
  explainGrants(key, { actions: ['kms:*'], why: 'The account that owns the key administers it.' });
}
