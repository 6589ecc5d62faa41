import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Aws, Duration, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { allowRules } from './grants/encryption-keys.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import type { StepGrant } from './grants/step-grant.ts';

export interface DeadLetterQueueProps {
  /** What comes here from EventBridge, as a sentence. */
  readonly keeps: string;
  /** @default - a key of SQS */
  readonly encryptionKey?: IKey;
}

/** Keeps for 14 days, the longest that SQS does, what could not be delivered. */
export class DeadLetterQueue extends Queue {
  /** What comes here, as a sentence. */
  readonly keeps: string;

  constructor(scope: Construct, id: string, { keeps, encryptionKey }: DeadLetterQueueProps) {
    super(scope, id, {
      ...(encryptionKey
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
        : { encryption: QueueEncryption.SQS_MANAGED }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.keeps = keeps;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This queue is a dead-letter queue.',
    });
    explainGrants(
      this,
      { actions: ['sqs:SendMessage'], why: keeps },
      { actions: ['sqs:*'], why: 'Nobody reaches the queue without TLS.' },
    );
    if (encryptionKey) allowRules(encryptionKey);
  }

  /** What a role needs that sends to the queue. */
  sendGrants(why: string): StepGrant[] {
    const send = { sid: 'SendToDeadLetters', why, actions: ['sqs:SendMessage'], resources: [this.queueArn] };
    if (!this.encryptionMasterKey) return [send];
    const encrypt = {
      sid: 'EncryptDeadLetters',
      why: 'The queue is encrypted with this key.',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [this.encryptionMasterKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `sqs.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
    };
    return [send, encrypt];
  }
}
