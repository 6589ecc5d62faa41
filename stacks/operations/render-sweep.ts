import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { bucketPolicies, turnsEnvironment } from '../bucket-policies.ts';
import { explainGrants } from '../grants/grant-reasons.ts';
import { grantToRole, type StepGrant } from '../grants/step-grant.ts';
import { callGrants, describeGrants, grantApart } from '../grants/turn-grants.ts';
import { workflowResources } from '../remotion-resources.ts';
import { RenderStep, type RenderStepProps } from '../render-step.ts';
import type { RenderWorkflowProps } from '../render-workflow-props.ts';

export interface RenderSweepProps
  extends Pick<RenderStepProps, 'serviceName' | 'logRetention' | 'logEncryptionKey'> {
  readonly stateMachine: StateMachine;
  readonly cancelRender: RenderStep;
  /** Whether renders wait for their turn. */
  readonly hasLimit: boolean;
  /** Of the Remotion bucket and its turns. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the function may do in the Remotion bucket. */
  readonly policies: Readonly<Record<string, readonly StepGrant[]>>;
  /** Key that the executions are encrypted with. @default - a key of Step Functions */
  readonly stateMachineKey?: IKey;
}

/** What the sweep needs to know of the settings of a workflow. */
export function sweepSettings(
  props: RenderWorkflowProps,
  serviceName: string,
): Pick<RenderSweepProps, 'hasLimit' | 'environment' | 'policies'> {
  const remotion = workflowResources(props, serviceName);
  const { functionName, bucketName, jobsPrefix, turnsPrefix } = remotion;
  return {
    hasLimit: props.maxConcurrentRenders !== undefined,
    environment: {
      REMOTION_FUNCTION_NAME: functionName,
      REMOTION_BUCKET_NAME: bucketName,
      JOBS_PREFIX: jobsPrefix,
      TURNS_PREFIX: turnsPrefix,
      ...turnsEnvironment(remotion, props),
    },
    policies: bucketPolicies('SweepRenders', remotion, props),
  };
}

/**
 * Finds, on a schedule, what no event has told: AWS delivers the events of an execution's end on a best-effort basis.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export class RenderSweep extends Construct {
  readonly step: RenderStep;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: RenderSweepProps) {
    super(scope, id);
    const { stateMachine, cancelRender, hasLimit, stateMachineKey, environment, policies, ...logs } = props;
    this.step = new RenderStep(scope, 'SweepRenders', {
      entry: 'sweep-renders',
      description: 'Finds renders, places and tickets of executions that have ended.',
      policies: {
        ...policies,
        Cancel: [
          {
            sid: 'CancelAgain',
            why: 'CancelRender gets the event of an execution that has left something once more.',
            actions: ['lambda:InvokeFunction'],
            resources: [cancelRender.function.functionArn],
          },
        ],
      },
      environment: {
        ...environment,
        STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        CANCEL_RENDER_FUNCTION_NAME: cancelRender.function.functionName,
      },
      timeout: Duration.minutes(2),
      memorySize: 256,
      ...logs,
    });
    grantToRole(this.step.role, {
      sid: 'ListExecutions',
      why: 'Who holds a place or a ticket is compared with who runs.',
      actions: ['states:ListExecutions'],
      resources: [stateMachine.stateMachineArn],
    });
    const describe = describeGrants(
      stateMachine,
      stateMachineKey,
      'An execution that is in no list may have begun a moment ago: the sweep asks for it.',
    );
    const call = callGrants(stateMachine, stateMachineKey, { sendsAway: true });
    grantApart(this, 'Executions', this.step.role, [...describe, ...call]);
    this.rule = new Rule(this, 'Schedule', {
      description: 'Sweeps up what executions of the render workflow have left.',
      schedule: Schedule.rate(hasLimit ? Duration.minutes(1) : Duration.minutes(5)),
    });
    // The next sweep does what this one could not.
    this.rule.addTarget(new LambdaFunction(this.step.function, { retryAttempts: 0 }));
    this.step.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    explainGrants(this.step.function, {
      actions: ['lambda:InvokeFunction'],
      why: 'The schedule has the function sweep.',
    });
  }
}
