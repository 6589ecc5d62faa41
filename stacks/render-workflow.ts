import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { type Grant, type IGrantable, ManagedPolicy, PermissionsBoundary, Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { type CfnStateMachine, DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, Names, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { LONGEST_STAY_IN_SECONDS } from '../functions/get-render-progress/follow-render.ts';
import { RENDER_CANCELLED, STATE_MACHINE_EVENTS } from '../statemachine/render-event-names.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { actingService } from './grants/acting-service.ts';
import { destinationGrants, destinationOwners } from './grants/destination-grants.ts';
import { allowLogGroups, allowStateMachine, explainOwner } from './grants/encryption-keys.ts';
import { publishGrant } from './grants/event-grants.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { deleteSourceGrants, type RemotionStep, remotionGrants } from './grants/remotion-policy.ts';
import { acknowledgeWildcards, grantToRole, toPolicyStatement } from './grants/step-grant.ts';
import { RenderAlarms } from './operations/render-alarms.ts';
import { RenderDashboard, type RenderDashboardProps } from './operations/render-dashboard.ts';
import { positiveAmount } from './positive-amount.ts';
import { RenderStep } from './render-step.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { StoppedExecutionTrigger } from './stopped-execution-trigger.ts';
import { RenderApi } from './ways-in/render-api.ts';
import { RenderQueue } from './ways-in/render-queue.ts';
import { RenderRequestTrigger } from './ways-in/render-request-trigger.ts';

export type { RenderWorkflowProps } from './render-workflow-props.ts';

const DEFINITION = join(import.meta.dirname, '..', 'statemachine', 'render-workflow.asl.json');

/**
 * The render workflow: a state machine that starts a render with Remotion Lambda, follows it and copies the
 * video into a bucket, and the rule that starts it by event.
 *
 * @throws Error `NotInRemotionPolicy` when Remotion's published policy does not grant what a step needs;
 * `InvalidAmount` when an amount of USD is not greater than 0; `MissingAlarmTopic` when an alarm has nobody to tell.
 */
export class RenderWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  /** Where videos go by default. */
  readonly destinationBucket: IBucket;
  readonly eventBus: IEventBus;
  /** The queue of requests, if there is one. */
  readonly renderQueue?: RenderQueue;
  /** The HTTP API for requests, if there is one. */
  readonly renderApi?: RenderApi;
  /** The dashboard, if there is one. */
  readonly dashboard?: RenderDashboard;
  /** Value of the dimension `service` of the workflow's metrics, and `service` of its log lines and traces. */
  readonly serviceName: string;
  /** The functions of the steps, each with its role. */
  readonly steps: Readonly<Record<RemotionStep, RenderStep>>;

  constructor(scope: Construct, id: string, props: RenderWorkflowProps) {
    super(scope, id);
    this.serviceName = Names.uniqueResourceName(this, { maxLength: 80, separator: '-' });
    this.destinationBucket = props.destinationBucket ?? this.newDestinationBucket(props);
    this.eventBus =
      props.eventBus ?? new EventBus(this, 'EventBus', { eventBusName: Stack.of(this).stackName });
    this.steps = this.newSteps(props);
    this.stateMachine = this.newStateMachine(props);
    new RenderRequestTrigger(this, 'RenderRequested', {
      eventBus: this.eventBus,
      stateMachine: this.stateMachine,
      ...(props.eventSources && { sources: props.eventSources }),
      ...(props.encryptionKeys?.deadLetterQueue && { deadLetterKey: props.encryptionKeys.deadLetterQueue }),
    });
    new StoppedExecutionTrigger(this, 'ExecutionStopped', {
      stateMachine: this.stateMachine,
      cancelRender: this.steps.CancelRender,
      ...(props.encryptionKeys?.deadLetterQueue && { deadLetterKey: props.encryptionKeys.deadLetterQueue }),
    });
    const logs = {
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(props.encryptionKeys?.logs && { logEncryptionKey: props.encryptionKeys.logs }),
    };
    if (props.renderQueue) {
      this.renderQueue = new RenderQueue(this, 'RenderQueue', {
        stateMachine: this.stateMachine,
        ...logs,
        ...(props.encryptionKeys?.renderQueue && { encryptionKey: props.encryptionKeys.renderQueue }),
        ...(props.encryptionKeys?.deadLetterQueue && { deadLetterKey: props.encryptionKeys.deadLetterQueue }),
      });
    }
    if (props.renderApi) {
      this.renderApi = new RenderApi(this, 'RenderApi', {
        stateMachine: this.stateMachine,
        accessLogs: props.renderApi !== 'without-access-logs',
        ...(props.encryptionKeys?.stateMachine && { stateMachineKey: props.encryptionKeys.stateMachine }),
        ...logs,
      });
    }
    this.addAlarms(props);
    if (props.dashboard) this.dashboard = new RenderDashboard(this, 'Dashboard', this.watched());
    if (props.encryptionKeys?.logs) allowLogGroups(props.encryptionKeys.logs);
    if (props.permissionsBoundaryArn) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(
        this,
        'PermissionsBoundary',
        props.permissionsBoundaryArn,
      );
      PermissionsBoundary.of(this).apply(boundary);
    }
  }

  /** Lets a caller start executions of the workflow, and nothing else. */
  grantStartExecution(grantee: IGrantable): Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }

  /**
   * What a step's role may do with Remotion's resources and the destination buckets, as a managed policy for those
   * who call Remotion's client from a function, an EC2 instance or a container of their own.
   */
  renderPolicy(step: RemotionStep): ManagedPolicy {
    const id = `${step}Policy`;
    const existing = this.node.tryFindChild(id);
    if (existing) return existing as ManagedPolicy;
    const grants = this.steps[step].grants.filter(({ workflowOnly }) => !workflowOnly);
    const policy = new ManagedPolicy(this, id, {
      description: `What ${step} of the render workflow may do, for other callers of Remotion.`,
      statements: grants.map(toPolicyStatement),
    });
    for (const grant of grants) acknowledgeWildcards(policy, grant);
    explainGrants(policy, ...grants);
    return policy;
  }

  private newDestinationBucket({
    versionedDestination = false,
    encryptionKeys,
  }: RenderWorkflowProps): Bucket {
    const encryptionKey = encryptionKeys?.destinationBucket;
    const bucket = new Bucket(this, 'Videos', {
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: versionedDestination,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { id: 'AbortInterruptedCopies', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Where access logs go, and whether they are worth their cost, is for the owner of the account to say.',
    });
    if (encryptionKey) explainOwner(encryptionKey);
    explainGrants(bucket, { actions: ['s3:*'], why: 'Nobody reaches the videos without TLS.' });
    return bucket;
  }

  private newSteps(props: RenderWorkflowProps): RenderWorkflow['steps'] {
    const remotion = { functionName: props.remotionFunctionName, bucketName: props.remotionBucketName };
    const destinations = [this.destinationBucket, ...(props.otherDestinationBuckets ?? [])];
    const maxSecondsBetweenUpdates = props.maxSecondsBetweenUpdates ?? 30;
    const common = {
      serviceName: this.serviceName,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(props.encryptionKeys?.logs && { logEncryptionKey: props.encryptionKeys.logs }),
    };
    const remotionEnvironment = {
      REMOTION_FUNCTION_NAME: remotion.functionName,
      REMOTION_BUCKET_NAME: remotion.bucketName,
    };
    return {
      StartRender: new RenderStep(this, 'StartRender', {
        entry: 'start-render',
        description: 'Checks a render request and starts its render.',
        policies: { Remotion: remotionGrants('StartRender', remotion) },
        environment: {
          ...remotionEnvironment,
          DESTINATION_BUCKET_NAMES: destinations.map(({ bucketName }) => bucketName).join(','),
          ...(props.destinationTags && { DESTINATION_TAGS: 'true' }),
          ...(props.defaultServeUrl && { DEFAULT_SERVE_URL: props.defaultServeUrl }),
          ...(props.maxCostInUsd !== undefined && {
            MAX_COST_IN_USD: positiveAmount('maxCostInUsd', props.maxCostInUsd),
          }),
          ...(props.remotionLicenseKey && { REMOTION_LICENSE_KEY: props.remotionLicenseKey }),
        },
        timeout: Duration.seconds(60),
        memorySize: 512,
        ...common,
      }),
      GetRenderProgress: new RenderStep(this, 'GetRenderProgress', {
        entry: 'get-render-progress',
        description: 'Reads the progress of a render.',
        policies: { Remotion: remotionGrants('GetRenderProgress', remotion) },
        environment: {
          ...remotionEnvironment,
          MAX_SECONDS_BETWEEN_UPDATES: String(maxSecondsBetweenUpdates),
        },
        // Beside its stay: a cold start, and a last read of three attempts.
        timeout: Duration.seconds(Math.min(maxSecondsBetweenUpdates, LONGEST_STAY_IN_SECONDS) + 40),
        memorySize: 256,
        ...common,
      }),
      CopyToBucket: new RenderStep(this, 'CopyToBucket', {
        entry: 'copy-to-bucket',
        description: 'Copies a finished video to its destination.',
        policies: {
          Remotion: remotionGrants('CopyToBucket', remotion),
          Destination: destinationGrants(destinations, { tags: props.destinationTags === true }),
          ...(props.deleteSource && { DeleteSource: deleteSourceGrants(remotion) }),
        },
        environment: {
          DESTINATION_BUCKET_OWNERS: destinationOwners(destinations),
          ...(props.deleteSource && { DELETE_SOURCE: 'true' }),
        },
        timeout: Duration.minutes(15),
        memorySize: 256,
        ...common,
      }),
      CancelRender: new RenderStep(this, 'CancelRender', {
        entry: 'cancel-render',
        description: 'Cancels the render of an execution that failed or was stopped.',
        policies: {
          Remotion: remotionGrants('CancelRender', remotion),
          Events: [publishGrant(this.eventBus, [RENDER_CANCELLED])],
        },
        environment: { ...remotionEnvironment, EVENT_BUS_ARN: this.eventBus.eventBusArn },
        timeout: Duration.seconds(150),
        memorySize: 256,
        ...common,
      }),
    };
  }

  private addAlarms({ alarmTopic, maxSpendPerDayInUsd }: RenderWorkflowProps): void {
    if (maxSpendPerDayInUsd !== undefined) positiveAmount('maxSpendPerDayInUsd', maxSpendPerDayInUsd);
    if (!alarmTopic && maxSpendPerDayInUsd !== undefined) {
      const error = new Error('maxSpendPerDayInUsd needs alarmTopic, the SNS topic that is told.');
      error.name = 'MissingAlarmTopic';
      throw error;
    }
    if (!alarmTopic) return;
    new RenderAlarms(this, 'Alarms', {
      topic: alarmTopic,
      ...this.watched(),
      ...(maxSpendPerDayInUsd !== undefined && { maxSpendPerDayInUsd }),
    });
  }

  /** What alarms and dashboard look at. */
  private watched(): RenderDashboardProps {
    const queues = this.node.findAll().filter((each) => each instanceof DeadLetterQueue);
    return {
      stateMachine: this.stateMachine,
      serviceName: this.serviceName,
      deadLetterQueues: Object.fromEntries(
        queues.map((queue) => [`${queue.node.scope?.node.id}${queue.node.id}`, queue]),
      ),
    };
  }

  private newStateMachine({ logRetention, encryptionKeys = {} }: RenderWorkflowProps): StateMachine {
    const functions = Object.entries(this.steps).map(([name, step]) => ({
      name,
      ...step,
      arn: step.function.functionArn,
    }));
    const role = new Role(this, 'StateMachineRole', {
      assumedBy: actingService('states', 'stateMachine:*'),
      description: 'Invokes the functions of the render workflow and publishes its events.',
    });
    const invokeSteps = {
      sid: 'InvokeSteps',
      why: 'Each step of the workflow is a function.',
      actions: ['lambda:InvokeFunction'],
      resources: functions.map(({ arn }) => arn),
    };
    const publishEvents = publishGrant(this.eventBus, STATE_MACHINE_EVENTS);
    grantToRole(role, invokeSteps, publishEvents);
    explainGrants(role, {
      actions: ['logs:*', 'xray:*'],
      why: 'The state machine delivers its log and its trace. Both services have no resources for it.',
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery and X-Ray have no resources: their actions take only "*".',
    });
    const key = encryptionKeys.stateMachine;
    // The key's permissions name the machine, which therefore needs a name that is known beforehand.
    const stateMachineName = key && Names.uniqueResourceName(this, { maxLength: 80 });
    const stateMachine = new StateMachine(this, 'StateMachine', {
      comment: 'Renders a video with Remotion Lambda and copies it into a bucket.',
      definitionBody: DefinitionBody.fromString(readFileSync(DEFINITION, 'utf8')),
      definitionSubstitutions: {
        ...Object.fromEntries(functions.map(({ name, arn }) => [`${name}FunctionArn`, arn])),
        EventBusArn: this.eventBus.eventBusArn,
      },
      role,
      ...(stateMachineName && { stateMachineName }),
      tracingEnabled: true,
      logs: {
        // Without execution data: it holds props.
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: new LogGroup(this, 'StateMachineLogs', {
          // Log delivery to a group of this prefix does not use up the account's ten resource policies.
          logGroupName: `/aws/vendedlogs/states/${this.node.addr}`,
          retention: logRetention ?? RetentionDays.ONE_MONTH,
          ...(encryptionKeys.logs && { encryptionKey: encryptionKeys.logs }),
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    if (key && stateMachineName) {
      (stateMachine.node.defaultChild as CfnStateMachine).encryptionConfiguration = {
        type: 'CUSTOMER_MANAGED_KMS_KEY',
        kmsKeyId: key.keyArn,
      };
      allowStateMachine(key, role, stateMachineName);
    }
    return stateMachine;
  }
}
