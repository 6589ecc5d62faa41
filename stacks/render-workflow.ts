import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { LONGEST_STAY_IN_SECONDS } from '../functions/shared/follow-render.ts';
import { type RemotionStep, remotionGrants } from './remotion-policy.ts';
import { RenderRequestTrigger } from './render-request-trigger.ts';
import { RenderStep } from './render-step.ts';
import { StoppedExecutionTrigger } from './stopped-execution-trigger.ts';

const DEFINITION = join(import.meta.dirname, '..', 'statemachine', 'render-workflow.asl.json');

/** Settings of a render workflow. */
export interface RenderWorkflowProps {
  /** Name of the deployed Remotion function, as `npx remotion lambda functions ls` prints it. */
  readonly remotionFunctionName: string;
  /** Name of the Remotion bucket of this region (`remotionlambda-…`), in which Remotion keeps sites and renders. */
  readonly remotionBucketName: string;
  /**
   * Bucket that finished videos are copied to.
   * @default - a new private bucket, which stays when the stack is deleted
   */
  readonly destinationBucket?: IBucket;
  /**
   * Whether the new destination bucket keeps earlier versions of an object.
   * @default false
   */
  readonly versionedDestination?: boolean;
  /**
   * Further buckets that a request may name as its destination.
   * @default - none
   */
  readonly otherDestinationBuckets?: readonly IBucket[];
  /**
   * URL or name of the Remotion site for requests that name none.
   * @default - every request has to name its `serveUrl`
   */
  readonly defaultServeUrl?: string;
  /**
   * Event bus on which render requests arrive.
   * @default - a new bus with the stack's name
   */
  readonly eventBus?: IEventBus;
  /**
   * Accepted values of an event's `source`.
   * @default - every source
   */
  readonly eventSources?: readonly string[];
  /**
   * Remotion licence key, with which Remotion's function reports each render's use to Remotion.
   * Source: https://www.remotion.dev/docs/licensing
   * @default - none: no use is reported
   */
  readonly remotionLicenseKey?: string;
  /**
   * The longest time without a new report of a running render, in seconds from 2 to 900. More seconds cost fewer
   * state transitions; the finish is known as soon.
   * @default 30
   */
  readonly maxSecondsBetweenUpdates?: number;
  /**
   * How long the logs of the functions and of the state machine are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
}

/**
 * The render workflow: a state machine that starts a render with Remotion Lambda, follows it and copies the
 * video into a bucket, and the rule that starts it by event.
 *
 * @throws Error `NotInRemotionPolicy` when Remotion's published policy does not grant what a step needs.
 */
export class RenderWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  /** Where videos go by default. */
  readonly destinationBucket: IBucket;
  readonly eventBus: IEventBus;
  /** The functions of the steps, each with its role. */
  readonly steps: Readonly<Record<RemotionStep, RenderStep>>;

  constructor(scope: Construct, id: string, props: RenderWorkflowProps) {
    super(scope, id);
    this.destinationBucket = props.destinationBucket ?? this.newDestinationBucket(props.versionedDestination);
    this.eventBus =
      props.eventBus ?? new EventBus(this, 'EventBus', { eventBusName: Stack.of(this).stackName });
    this.steps = this.newSteps(props);
    this.stateMachine = this.newStateMachine(props.logRetention ?? RetentionDays.ONE_MONTH);
    new RenderRequestTrigger(this, 'RenderRequested', {
      eventBus: this.eventBus,
      stateMachine: this.stateMachine,
      ...(props.eventSources && { sources: props.eventSources }),
    });
    new StoppedExecutionTrigger(this, 'ExecutionStopped', {
      stateMachine: this.stateMachine,
      cancelRender: this.steps.CancelRender.function,
    });
  }

  private newDestinationBucket(versioned = false): Bucket {
    const bucket = new Bucket(this, 'Videos', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned,
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
    return bucket;
  }

  private newSteps(props: RenderWorkflowProps): RenderWorkflow['steps'] {
    const remotion = { functionName: props.remotionFunctionName, bucketName: props.remotionBucketName };
    const destinations = [this.destinationBucket, ...(props.otherDestinationBuckets ?? [])];
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    const maxSecondsBetweenUpdates = props.maxSecondsBetweenUpdates ?? 30;
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
          ...(props.defaultServeUrl && { DEFAULT_SERVE_URL: props.defaultServeUrl }),
          ...(props.remotionLicenseKey && { REMOTION_LICENSE_KEY: props.remotionLicenseKey }),
        },
        timeout: Duration.seconds(60),
        memorySize: 512,
        logRetention,
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
        logRetention,
      }),
      CopyToBucket: new RenderStep(this, 'CopyToBucket', {
        entry: 'copy-to-bucket',
        description: 'Copies a finished video to its destination.',
        policies: {
          Remotion: remotionGrants('CopyToBucket', remotion),
          Destination: [
            {
              sid: 'WriteVideo',
              why: 'A request may choose any key in a destination bucket; reading is for checking the copy.',
              actions: ['s3:PutObject', 's3:GetObject'],
              resources: destinations.map((bucket) => bucket.arnForObjects('*')),
            },
          ],
        },
        environment: {},
        timeout: Duration.minutes(15),
        memorySize: 256,
        logRetention,
      }),
      CancelRender: new RenderStep(this, 'CancelRender', {
        entry: 'cancel-render',
        description: 'Cancels the render of an execution that failed or was stopped.',
        policies: { Remotion: remotionGrants('CancelRender', remotion) },
        environment: remotionEnvironment,
        timeout: Duration.seconds(150),
        memorySize: 256,
        logRetention,
      }),
    };
  }

  private newStateMachine(logRetention: RetentionDays): StateMachine {
    const functions = Object.entries(this.steps).map(([name, step]) => ({
      name,
      ...step,
      arn: step.function.functionArn,
    }));
    const role = new Role(this, 'StateMachineRole', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'Invokes the functions of the render workflow.',
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ arn }) => arn),
      }),
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery and X-Ray have no resources: their actions take only "*".',
    });
    return new StateMachine(this, 'StateMachine', {
      comment: 'Renders a video with Remotion Lambda and copies it into a bucket.',
      definitionBody: DefinitionBody.fromString(readFileSync(DEFINITION, 'utf8')),
      definitionSubstitutions: Object.fromEntries(
        functions.map(({ name, arn }) => [`${name}FunctionArn`, arn]),
      ),
      role,
      tracingEnabled: true,
      logs: {
        // Without execution data: it holds props.
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: new LogGroup(this, 'StateMachineLogs', {
          // Log delivery to a group of this prefix does not use up the account's ten resource policies.
          logGroupName: `/aws/vendedlogs/states/${this.node.addr}`,
          retention: logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
  }
}
