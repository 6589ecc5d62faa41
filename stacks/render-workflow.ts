import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { type Grant, type IGrantable, ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Annotations, AspectPriority, Aspects, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { newDestinationBucket } from './destination-bucket.ts';
import { acknowledgedFindings } from './grants/acknowledged-findings.ts';
import { allowLogGroups } from './grants/encryption-keys.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import type { RemotionStep } from './grants/remotion-policy.ts';
import { acknowledgeWildcards, toPolicyStatement } from './grants/step-grant.ts';
import { RenderAlarms } from './operations/render-alarms.ts';
import { RenderDashboard, type RenderDashboardProps } from './operations/render-dashboard.ts';
import { RenderSweep, sweepSettings } from './operations/render-sweep.ts';
import { RenderBatch } from './render-batch.ts';
import { newRenderStateMachine } from './render-state-machine.ts';
import { invokePolicyId, newRenderSteps, type RenderSteps } from './render-steps.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { requireSupportedApp } from './require-supported-app.ts';
import { settingProblems } from './setting-problems.ts';
import { StoppedExecutionTrigger } from './stopped-execution-trigger.ts';
import { uniqueName } from './unique-name.ts';
import { RenderApi } from './ways-in/render-api.ts';
import { RenderQueue } from './ways-in/render-queue.ts';
import { RenderRequestTrigger } from './ways-in/render-request-trigger.ts';

export type { RenderWorkflowProps } from './render-workflow-props.ts';
export { RemotionRenderer, type RemotionRendererProps } from './renderer/remotion-renderer.ts';

/**
 * The render workflow: a state machine that starts a render with Remotion Lambda, follows it and copies the
 * video into a bucket, and the rule that starts it by event.
 * Props that cannot work are errors of the construct, for which `cdk synth` and `cdk deploy` refuse the stack:
 * `MissingRenderer`, `WrongStack`, `UnusedKey`, `NotInRemotionPolicy`, `WrongRemotionVersion`, `WrongRegion`, `NotInRegion`, `InvalidAmount`, `MissingAlarmTopic`,
 * `DuplicateDestination`, `TooManyDestinations`.
 *
 * @throws Error `NotInRemotionPolicy` when Remotion's published policy does not grant what a step needs;
 * `InvalidAmount` when an amount of USD is not greater than 0; `MissingAlarmTopic` when an alarm has nobody to tell;
 * `UnsupportedNodeVersion`, `UnsupportedCdkVersion` and `MissingEsbuild` in an app that it cannot work in.
 */
export class RenderWorkflow extends Construct {
  /** An execution renders a request. */
  readonly stateMachine: StateMachine;
  /** Where videos go by default. */
  readonly destinationBucket: IBucket;
  /** Where requests come in, and what becomes of them is told. */
  readonly eventBus: IEventBus;
  /** The queue of requests, if there is one. */
  readonly renderQueue?: RenderQueue;
  /** The HTTP API for requests, if there is one. */
  readonly renderApi?: RenderApi;
  /** What renders tables, if it is there. */
  readonly renderBatch?: RenderBatch;
  /** The dashboard, if there is one. */
  readonly dashboard?: RenderDashboard;
  /** Value of the dimension `service` of the workflow's metrics, and `service` of its log lines and traces. */
  readonly serviceName: string;
  /** The functions of the steps, each with its role. */
  readonly steps: RenderSteps;
  /** Finds what executions have left of which no event told. */
  readonly sweep: RenderSweep;

  constructor(scope: Construct, id: string, props: RenderWorkflowProps) {
    requireSupportedApp();
    super(scope, id);
    for (const problem of settingProblems(Stack.of(this), props)) Annotations.of(this).addError(problem);
    // Before those who read.
    Aspects.of(this).add(acknowledgedFindings, { priority: AspectPriority.MUTATING });
    this.serviceName = uniqueName(this, 80);
    this.destinationBucket = props.destinationBucket ?? newDestinationBucket(this, props);
    this.eventBus = props.eventBus ?? new EventBus(this, 'EventBus', { eventBusName: this.serviceName });
    this.steps = newRenderSteps(this, this, props);
    const { StartRender } = this.steps;
    if (props.renderer && Stack.of(props.renderer) === Stack.of(this)) {
      // Renders are asked for once the function and the site are there.
      StartRender.function.node.addDependency(props.renderer);
      props.renderer.keepStarting(
        (functionName) => StartRender.replacedPolicies[invokePolicyId(functionName)],
      );
    }
    this.stateMachine = newRenderStateMachine(this, this, props);
    new RenderRequestTrigger(this, 'RenderRequested', {
      eventBus: this.eventBus,
      stateMachine: this.stateMachine,
      ...(props.eventSources && { sources: props.eventSources }),
      ...(props.encryptionKeys?.deadLetterQueue && { deadLetterKey: props.encryptionKeys.deadLetterQueue }),
    });
    new StoppedExecutionTrigger(this, 'ExecutionStopped', {
      stateMachine: this.stateMachine,
      cancelRender: this.steps.CancelRender,
      ...(props.encryptionKeys?.stateMachine && { stateMachineKey: props.encryptionKeys.stateMachine }),
      ...(props.encryptionKeys?.deadLetterQueue && { deadLetterKey: props.encryptionKeys.deadLetterQueue }),
    });
    const logs = {
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(props.encryptionKeys?.logs && { logEncryptionKey: props.encryptionKeys.logs }),
    };
    this.sweep = new RenderSweep(this, 'Sweep', {
      stateMachine: this.stateMachine,
      cancelRender: this.steps.CancelRender,
      serviceName: this.serviceName,
      ...sweepSettings(props, this.serviceName),
      ...(props.encryptionKeys?.stateMachine && { stateMachineKey: props.encryptionKeys.stateMachine }),
      ...logs,
    });
    if (props.renderQueue) {
      this.renderQueue = new RenderQueue(this, 'RenderQueue', {
        stateMachine: this.stateMachine,
        cancelRender: this.steps.CancelRender,
        ...logs,
        ...(props.encryptionKeys?.renderQueue && { encryptionKey: props.encryptionKeys.renderQueue }),
        ...(props.encryptionKeys?.deadLetterQueue && { deadLetterKey: props.encryptionKeys.deadLetterQueue }),
      });
    }
    if (props.renderApi) {
      this.renderApi = new RenderApi(this, 'RenderApi', {
        stateMachine: this.stateMachine,
        accessLogs: props.renderApi === 'with-access-logs',
        ...(props.encryptionKeys?.stateMachine && { stateMachineKey: props.encryptionKeys.stateMachine }),
        ...logs,
      });
    }
    if (props.renderBatch) this.renderBatch = new RenderBatch(this, 'RenderBatch', this, props);
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

  private addAlarms({ alarmTopic, maxSpendPerDayInUsd }: RenderWorkflowProps): void {
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
      hasLimit: this.steps.AwaitTurn !== undefined,
      hasBatches: this.renderBatch !== undefined,
      deadLetterQueues: Object.fromEntries(
        queues.map((queue) => [queue.node.path.slice(this.node.path.length + 1).replaceAll('/', ''), queue]),
      ),
    };
  }
}
