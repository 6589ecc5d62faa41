import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { BATCH_EVENTS } from '../statemachine/render-event-names.ts';
import { EndedExecutionTrigger } from './ended-execution-trigger.ts';
import { type BatchStep, batchGrants } from './grants/batch-policy.ts';
import { publishGrant } from './grants/event-grants.ts';
import { remotionKeyGrants } from './grants/remotion-key-grants.ts';
import type { StepGrant } from './grants/step-grant.ts';
import { remotionResources } from './remotion-resources.ts';
import { RenderStep, type RenderStepProps } from './render-step.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { requestEnvironment } from './request-environment.ts';
import { nameOfThisCreation } from './unique-name.ts';
import { newWorkflowStateMachine } from './workflow-state-machine.ts';

/** The workflow whose renders a batch starts. */
export interface WorkflowOfBatch {
  readonly stateMachine: StateMachine;
  readonly destinationBucket: IBucket;
  readonly eventBus: IEventBus;
  readonly serviceName: string;
}

const [STARTED, PROGRESSED, ...ENDED] = BATCH_EVENTS;

/** The label of the Map state, in the ARNs of its runs and children. */
const LABEL = 'rows';

/**
 * Renders a video of each row of a table: a state machine that checks all rows, runs each through the render workflow
 * and writes what has become of them.
 */
export class RenderBatch extends Construct {
  readonly stateMachine: StateMachine;
  /** The functions of the steps, each with its role. */
  readonly steps: Readonly<Record<BatchStep, RenderStep>>;

  constructor(scope: Construct, id: string, workflow: WorkflowOfBatch, props: RenderWorkflowProps) {
    super(scope, id);
    // The permissions of Distributed Map name the machine.
    const stateMachineName = nameOfThisCreation(this, 80);
    const { bucketName } = remotionResources(props);
    const prefix = `render-workflows/${workflow.serviceName}/`;
    const inBucket = (step: BatchStep | 'StateMachine'): StepGrant[] => [
      ...batchGrants(step, bucketName, prefix),
      ...remotionKeyGrants(step, props.encryptionKeys?.remotionBucket, bucketName),
    ];
    this.steps = this.newSteps(workflow, props, {
      inBucket,
      stateMachineName,
      environment: { REMOTION_BUCKET_NAME: bucketName, WORKFLOW_PREFIX: prefix },
    });
    this.stateMachine = newWorkflowStateMachine(this, {
      definition: 'render-batch.asl.json',
      comment: 'Renders a video of each row of a table.',
      description: 'Invokes the functions of the batch workflow, and starts its renders.',
      steps: this.steps,
      substitutions: {
        EventBusArn: workflow.eventBus.eventBusArn,
        RenderWorkflowArn: workflow.stateMachine.stateMachineArn,
        RemotionBucketName: bucketName,
        WorkflowPrefix: prefix,
      },
      grants: [
        publishGrant(workflow.eventBus, [STARTED, PROGRESSED]),
        ...inBucket('StateMachine'),
        ...mapGrants(stateMachineName),
        ...renderGrants(workflow.stateMachine, props),
      ],
      stateMachineName,
      ...(props.logRetention !== undefined && { logRetention: props.logRetention }),
      ...(props.encryptionKeys && { encryptionKeys: props.encryptionKeys }),
    });
    // No state of the machine can write the results of an execution that was stopped or has timed out.
    new EndedExecutionTrigger(this, 'Ended', {
      stateMachine: this.stateMachine,
      step: this.steps.SummarizeBatch,
      description: 'Writes the results of a batch that was stopped, has timed out or failed.',
      why: 'The rule has the results of a stopped batch written.',
      keeps: 'The rule keeps an event here with which SummarizeBatch could not be invoked.',
      whyKept: 'Lambda keeps an event here of which every attempt has failed.',
      deadLetterKey: props.encryptionKeys?.deadLetterQueue,
    });
  }

  private newSteps(
    { destinationBucket, eventBus, serviceName }: WorkflowOfBatch,
    props: RenderWorkflowProps,
    shared: {
      readonly inBucket: (step: BatchStep) => StepGrant[];
      readonly stateMachineName: string;
      readonly environment: Readonly<Record<string, string>>;
    },
  ): Record<BatchStep, RenderStep> {
    const { logRetention, encryptionKeys } = props;
    const newStep = (
      step: BatchStep,
      own: Pick<RenderStepProps, 'entry' | 'description' | 'timeout' | 'memorySize'>,
      more: readonly StepGrant[] = [],
      environment: Readonly<Record<string, string>> = {},
    ) =>
      new RenderStep(this, step, {
        ...own,
        policies: { Batches: [...shared.inBucket(step), ...more] },
        environment: { ...shared.environment, ...environment },
        serviceName,
        logRetention: logRetention ?? RetentionDays.ONE_MONTH,
        ...(encryptionKeys?.logs && { logEncryptionKey: encryptionKeys.logs }),
      });
    return {
      PrepareBatch: newStep(
        'PrepareBatch',
        {
          entry: 'prepare-batch',
          description: 'Reads the table of a batch and checks its rows.',
          timeout: Duration.minutes(15),
          // A whole processor: tables are long.
          memorySize: 1769,
        },
        [],
        requestEnvironment(destinationBucket, props),
      ),
      AdmitRow: newStep('AdmitRow', {
        entry: 'admit-row',
        description: 'Looks whether a row of a batch may still be started.',
        timeout: Duration.seconds(35),
        memorySize: 256,
      }),
      RecordRow: newStep('RecordRow', {
        entry: 'record-row',
        description: 'Keeps what has become of a row of a batch.',
        timeout: Duration.seconds(35),
        memorySize: 256,
      }),
      FollowBatch: newStep(
        'FollowBatch',
        {
          entry: 'follow-batch',
          description: 'Counts the rows of a batch and what they have cost.',
          timeout: Duration.seconds(120),
          memorySize: 512,
        },
        followGrants(shared.stateMachineName),
      ),
      SummarizeBatch: newStep(
        'SummarizeBatch',
        {
          entry: 'summarize-batch',
          description: 'Writes the results of a batch.',
          timeout: Duration.minutes(15),
          memorySize: 1769,
        },
        [publishGrant(eventBus, ENDED)],
        { EVENT_BUS_ARN: eventBus.eventBusArn },
      ),
    };
  }
}

const states = (resource: string) =>
  `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

/** What FollowBatch asks about the Map Run. */
function followGrants(stateMachineName: string): StepGrant[] {
  return [
    {
      sid: 'FindMapRun',
      why: 'Executions are named at run time. The Map Run of an execution is found by it.',
      actions: ['states:ListMapRuns'],
      resources: [states(`execution:${stateMachineName}:*`)],
    },
    {
      sid: 'FollowMapRun',
      why: 'Map Runs are named at run time. How many rows run, and whether the last has ended, is asked there.',
      actions: ['states:DescribeMapRun'],
      resources: [states(`mapRun:${stateMachineName}/${LABEL}:*`)],
    },
  ];
}

/**
 * What Distributed Map needs of the machine that it is in.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 */
function mapGrants(stateMachineName: string): StepGrant[] {
  return [
    {
      sid: 'StartRows',
      why: 'Distributed Map starts a child execution of this very machine for each row.',
      actions: ['states:StartExecution'],
      resources: [states(`stateMachine:${stateMachineName}`)],
    },
    {
      sid: 'FollowRows',
      why: 'Children are named at run time. Distributed Map follows them, and stops them with the batch.',
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [
        states(`execution:${stateMachineName}:*`),
        states(`execution:${stateMachineName}/${LABEL}:*`),
      ],
    },
    {
      sid: 'RedriveRows',
      why: 'Children are named at run time. Those that have failed or were stopped are redriven with the batch.',
      actions: ['states:RedriveExecution'],
      resources: [states(`execution:${stateMachineName}/${LABEL}:*`)],
    },
  ];
}

/**
 * What `startExecution.sync:2` needs of the render workflow.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
function renderGrants(stateMachine: StateMachine, { encryptionKeys }: RenderWorkflowProps): StepGrant[] {
  const key = encryptionKeys?.stateMachine;
  return [
    {
      sid: 'StartRenders',
      why: 'Each row is an execution of the render workflow.',
      actions: ['states:StartExecution'],
      resources: [stateMachine.stateMachineArn],
    },
    {
      sid: 'FollowRenders',
      why: "Executions are named at run time. A row's execution is followed to its end, and stopped with the batch.",
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [states(`execution:${stateMachine.stateMachineName}:*`)],
    },
    {
      sid: 'HearOfRenders',
      why: 'Step Functions hears by this rule of its own that an execution has ended.',
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [
        `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
      ],
    },
    ...(key
      ? [
          {
            sid: 'DecryptRenders',
            why: "The render workflow's executions are encrypted with this key.",
            actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            resources: [key.keyArn],
            conditions: {
              StringEquals: {
                'kms:EncryptionContext:aws:states:stateMachineArn': stateMachine.stateMachineArn,
              },
            },
          },
        ]
      : []),
  ];
}
