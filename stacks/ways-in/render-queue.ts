import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { RENDER_REQUESTED } from '../../statemachine/render-event-names.ts';
import { DeadLetterQueue } from '../dead-letter-queue.ts';
import { actingService } from '../grants/acting-service.ts';
import { explainGrants } from '../grants/grant-reasons.ts';
import { grantToRole, type StepGrant } from '../grants/step-grant.ts';
import type { RenderStep } from '../render-step.ts';
import { nameOfThisCreation } from '../unique-name.ts';

export interface RenderQueueProps {
  readonly stateMachine: IStateMachine;
  /** Keeps the messages of failed executions whose events have no input. */
  readonly cancelRender: RenderStep;
  readonly logRetention: RetentionDays;
  /** Key that the queue of requests is encrypted with. @default - a key of SQS */
  readonly encryptionKey?: IKey;
  /** Key that the dead-letter queue is encrypted with. @default - a key of SQS */
  readonly deadLetterKey?: IKey;
  /** Key that the log group is encrypted with. @default - a key of CloudWatch Logs */
  readonly logEncryptionKey?: IKey;
}

/**
 * A queue whose every message, a request, starts an execution. A message whose execution fails, or that cannot
 * start one, ends in the dead-letter queue.
 */
export class RenderQueue extends Construct {
  readonly queue: Queue;
  /**
   * Messages that could not start an execution, as they were, and the `Step Functions Execution Status Change`
   * event of each execution of a message that failed: with the execution's ARN, error, cause and input, also
   * where AWS leaves that out of the event.
   */
  readonly deadLetterQueue: DeadLetterQueue;
  readonly pipe: CfnPipe;
  private readonly stateMachine: IStateMachine;

  constructor(scope: Construct, id: string, props: RenderQueueProps) {
    super(scope, id);
    this.stateMachine = props.stateMachine;
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      keeps: 'The rule keeps the event of an execution here that a message has started and that failed.',
      ...(props.deadLetterKey && { encryptionKey: props.deadLetterKey }),
    });
    this.queue = this.newQueue(props.encryptionKey);
    this.pipe = this.newPipe(props);
    this.keepFailedMessages();
    this.keepMessagesWithoutInput(props.cancelRender);
  }

  /** Where AWS leaves the input out of the event, CancelRender, which asks for it, does what the rule cannot. */
  private keepMessagesWithoutInput(cancelRender: RenderStep): void {
    cancelRender.function.addEnvironment('RENDER_QUEUE_ARN', this.queue.queueArn);
    cancelRender.function.addEnvironment('RENDER_QUEUE_DEAD_LETTERS_URL', this.deadLetterQueue.queueUrl);
    grantToRole(
      cancelRender.role,
      ...this.deadLetterQueue
        .sendGrants(
          'The event of a failed execution of a message is kept, with its input, where it came without.',
        )
        .map((grant) => ({ ...grant, sid: `${grant.sid}OfQueue` })),
    );
  }

  private newQueue(encryptionKey?: IKey): Queue {
    const queue = new Queue(this, 'Queue', {
      ...(encryptionKey
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
        : { encryption: QueueEncryption.SQS_MANAGED }),
      enforceSSL: true,
      // The pipe only starts an execution, which takes less than a second; AWS advises six times the time needed.
      visibilityTimeout: Duration.minutes(1),
      // Five attempts bridge minutes of throttling. What fails for longer, such as a message that is too large
      // for an execution, makes room.
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 5 },
      // A dead letter keeps the age of its message: a week in this queue leaves it a week in the other.
      retentionPeriod: Duration.days(7),
    });
    explainGrants(queue, { actions: ['sqs:*'], why: 'Nobody reaches the queue without TLS.' });
    return queue;
  }

  private newPipe({ logRetention, logEncryptionKey }: RenderQueueProps): CfnPipe {
    const logGroup = new LogGroup(this, 'PipeLogs', {
      logGroupName: `/aws/vendedlogs/pipes/${nameOfThisCreation(this, 100)}`,
      retention: logRetention,
      ...(logEncryptionKey && { encryptionKey: logEncryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.newPipeRole();
    const pipe = new CfnPipe(this, 'Pipe', {
      description: 'Starts the render workflow for every message of the queue.',
      roleArn: role.roleArn,
      source: this.queue.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: 1 } },
      target: this.stateMachine.stateMachineArn,
      targetParameters: {
        inputTemplate: this.inputTemplate(),
        stepFunctionStateMachineParameters: { invocationType: 'FIRE_AND_FORGET' },
      },
      // Without execution data: it holds props.
      logConfiguration: {
        level: 'ERROR',
        cloudwatchLogsLogDestination: { logGroupArn: logGroup.logGroupArn },
      },
    });
    // A pipe tries its role when it is created.
    pipe.node.addDependency(role);
    return pipe;
  }

  /**
   * Makes an event of a message, as the workflow reads events anyway. So the message's id names the job of a
   * request without a jobId, and a message that is delivered twice is rendered once. The execution gets a list
   * of one event: "Even if the batch size is 1, the request is sent as a JSON array."
   * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
   */
  private inputTemplate(): string {
    return `{"detail-type": "${RENDER_REQUESTED}", "id": <$.messageId>, "resources": ["${this.queue.queueArn}"], "detail": <$.body>}`;
  }

  private newPipeRole(): Role {
    const role = new Role(this, 'PipeRole', {
      assumedBy: actingService('pipes', 'pipe/*'),
      description: 'Takes requests from the queue and starts executions of the render workflow.',
    });
    const key = this.queue.encryptionMasterKey;
    const grants: StepGrant[] = [
      {
        sid: 'TakeRequests',
        why: 'The pipe receives the messages and deletes each that has started an execution.',
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [this.queue.queueArn],
      },
      {
        sid: 'StartExecutions',
        why: 'The pipe starts an execution for every message.',
        actions: ['states:StartExecution'],
        resources: [this.stateMachine.stateMachineArn],
      },
    ];
    if (key) {
      grants.push({
        sid: 'DecryptRequests',
        why: 'The queue is encrypted with this key.',
        actions: ['kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sqs.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
      });
    }
    grantToRole(role, ...grants);
    return role;
  }

  /** Once an execution has started, the pipe is done with the message: only the execution's end tells the rest. */
  private keepFailedMessages(): void {
    const rule = new Rule(this, 'Failed', {
      description: 'Keeps the messages of the queue whose execution failed in its dead-letter queue.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [this.stateMachine.stateMachineArn],
          status: ['FAILED', 'TIMED_OUT'],
          // What the pipe puts into the input tells its executions from others.
          input: Match.wildcard(`*${this.queue.queueArn}*`),
        },
      },
      targets: [{ bind: () => ({ arn: this.deadLetterQueue.queueArn }) }],
    });
    // The CDK's own target for queues grants more than EventBridge needs.
    this.deadLetterQueue.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetterQueue.queueArn],
        principals: [
          new ServicePrincipal('events.amazonaws.com', {
            conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
          }),
        ],
      }),
    );
  }
}
