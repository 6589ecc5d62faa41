import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Duration, Stack, Token, Tokenization } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { LONGEST_STAY_IN_SECONDS } from '../functions/get-render-progress/follow-render.ts';
import { RENDER_CANCELLED } from '../statemachine/render-event-names.ts';
import { VERSION } from '../statemachine/version.ts';
import { bucketPolicies, turnsEnvironment } from './bucket-policies.ts';
import {
  destinationGrants,
  destinationKeys,
  destinationOwners,
  lookAtDestinationGrants,
} from './grants/destination-grants.ts';
import { publishGrant } from './grants/event-grants.ts';
import { deleteSourceGrants, invokeGrants, type RemotionStep } from './grants/remotion-policy.ts';
import { workflowResources } from './remotion-resources.ts';
import { installedRemotionVersion } from './remotion-version.ts';
import { RenderStep } from './render-step.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { destinationBuckets, requestEnvironment } from './request-environment.ts';

/** The functions of the steps. */
export interface RenderSteps extends Readonly<Record<RemotionStep, RenderStep>> {
  /** Where renders have a limit. */
  readonly AwaitTurn?: RenderStep;
}

/** What the steps share of the workflow. */
export interface WorkflowOfSteps {
  /** Where videos go by default. */
  readonly destinationBucket: IBucket;
  readonly eventBus: IEventBus;
  readonly serviceName: string;
}

/** The functions of the steps, each with its role, its settings and its limits. */
export function newRenderSteps(
  scope: Construct,
  { destinationBucket, eventBus, serviceName }: WorkflowOfSteps,
  props: RenderWorkflowProps,
): RenderSteps {
  const remotion = workflowResources(props, serviceName);
  const destinations = destinationBuckets(destinationBucket, props);
  const maxSecondsBetweenUpdates = props.maxSecondsBetweenUpdates ?? 30;
  const longestStay = Token.isUnresolved(maxSecondsBetweenUpdates)
    ? LONGEST_STAY_IN_SECONDS
    : Math.min(maxSecondsBetweenUpdates, LONGEST_STAY_IN_SECONDS);
  const common = {
    serviceName,
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    ...(props.encryptionKeys?.logs && { logEncryptionKey: props.encryptionKeys.logs }),
  };
  const remotionEnvironment = {
    REMOTION_FUNCTION_NAME: remotion.functionName,
    REMOTION_BUCKET_NAME: remotion.bucketName,
  };
  const { serverSideEncryption, bucketOwnerFullControl } = props.destinationHeaders ?? {};
  const ofRemotion = (step: RemotionStep | 'AwaitTurn') => bucketPolicies(step, remotion, props);
  const turns = turnsEnvironment(remotion, props);
  return {
    ...(props.maxConcurrentRenders !== undefined && {
      AwaitTurn: new RenderStep(scope, 'AwaitTurn', {
        entry: 'await-turn',
        description: 'Checks a render request and has it wait for its turn.',
        policies: ofRemotion('AwaitTurn'),
        environment: {
          REMOTION_BUCKET_NAME: remotion.bucketName,
          ...turns,
          ...requestEnvironment(destinationBucket, props),
        },
        timeout: Duration.seconds(60),
        memorySize: 256,
        ...common,
      }),
    }),
    StartRender: new RenderStep(scope, 'StartRender', {
      entry: 'start-render',
      description: 'Checks a render request and starts its render.',
      policies: {
        ...ofRemotion('StartRender'),
        Destination: lookAtDestinationGrants(destinations, Stack.of(scope)),
      },
      // StartRender goes on with the former function until it has been changed itself.
      replacedPolicies: Object.fromEntries(
        Object.entries(invokeGrants(remotion)).map(([name, grant]) => [invokePolicyId(name), grant]),
      ),
      environment: {
        ...remotionEnvironment,
        // For the command's doctor.
        WORKFLOW_VERSION: VERSION,
        REMOTION_CLIENT_VERSION: installedRemotionVersion(),
        JOBS_PREFIX: remotion.jobsPrefix,
        ...turns,
        ...requestEnvironment(destinationBucket, props),
        DESTINATION_BUCKET_OWNERS: destinationOwners(destinations, Stack.of(scope)),
        ...(props.maxCostInUsd !== undefined && {
          MAX_COST_IN_USD: Tokenization.stringifyNumber(props.maxCostInUsd),
        }),
        ...(props.remotionLicenseKey && { REMOTION_LICENSE_KEY: props.remotionLicenseKey }),
      },
      timeout: Duration.seconds(60),
      memorySize: 512,
      ...common,
    }),
    GetRenderProgress: new RenderStep(scope, 'GetRenderProgress', {
      entry: 'get-render-progress',
      description: 'Reads the progress of a render.',
      policies: { ...ofRemotion('GetRenderProgress') },
      environment: {
        ...remotionEnvironment,
        ...turns,
        MAX_SECONDS_BETWEEN_UPDATES: Tokenization.stringifyNumber(maxSecondsBetweenUpdates),
      },
      // Beside its stay: a cold start, and a last read of three attempts.
      timeout: Duration.seconds(longestStay + 40),
      memorySize: 256,
      ...common,
    }),
    CopyToBucket: new RenderStep(scope, 'CopyToBucket', {
      entry: 'copy-to-bucket',
      description: 'Copies a finished video to its destination.',
      policies: {
        ...ofRemotion('CopyToBucket'),
        Destination: destinationGrants(destinations, Stack.of(scope), {
          tags: props.destinationTags,
          acl: bucketOwnerFullControl,
        }),
        ...(props.deleteSource && { DeleteSource: deleteSourceGrants(remotion) }),
      },
      environment: {
        DESTINATION_BUCKET_OWNERS: destinationOwners(destinations, Stack.of(scope)),
        ...(serverSideEncryption && { DESTINATION_ENCRYPTION: serverSideEncryption }),
        ...(serverSideEncryption === 'aws:kms' && { DESTINATION_KEYS: destinationKeys(destinations) }),
        ...(bucketOwnerFullControl && { DESTINATION_ACL: 'bucket-owner-full-control' }),
        ...(props.deleteSource && { DELETE_SOURCE: 'true' }),
      },
      timeout: Duration.minutes(15),
      memorySize: 256,
      ...common,
    }),
    CancelRender: new RenderStep(scope, 'CancelRender', {
      entry: 'cancel-render',
      description: 'Cancels the render of an execution that failed or was stopped.',
      policies: {
        ...ofRemotion('CancelRender'),
        Events: [publishGrant(eventBus, [RENDER_CANCELLED])],
      },
      environment: {
        ...remotionEnvironment,
        JOBS_PREFIX: remotion.jobsPrefix,
        ...turns,
        EVENT_BUS_ARN: eventBus.eventBusArn,
      },
      timeout: Duration.seconds(150),
      memorySize: 256,
      ...common,
    }),
  };
}

/** Id of the policy that lets StartRender invoke a function, whose name may be known only when the stack is deployed. */
export function invokePolicyId(functionName: string): string {
  return Token.isUnresolved(functionName) ? 'Invoke' : `Invoke-${functionName}`;
}
