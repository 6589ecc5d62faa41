import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type CfnStateMachine, DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { STATE_MACHINE_EVENTS } from '../statemachine/render-event-names.ts';
import { actingService } from './grants/acting-service.ts';
import { allowStateMachine } from './grants/encryption-keys.ts';
import { publishGrant } from './grants/event-grants.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { grantToRole } from './grants/step-grant.ts';
import type { RenderSteps } from './render-steps.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { nameOfThisCreation } from './unique-name.ts';

const DEFINITION = join(import.meta.dirname, '..', 'statemachine', 'render-workflow.asl.json');

/** The state machine of the definition, with a role that invokes its steps and publishes its events. */
export function newRenderStateMachine(
  scope: Construct,
  { steps, eventBus }: { readonly steps: RenderSteps; readonly eventBus: IEventBus },
  { logRetention, encryptionKeys = {} }: RenderWorkflowProps,
): StateMachine {
  const functions = Object.entries(steps).map(([name, step]) => ({
    name,
    ...step,
    arn: step.function.functionArn,
  }));
  const role = new Role(scope, 'StateMachineRole', {
    assumedBy: actingService('states', 'stateMachine:*'),
    description: 'Invokes the functions of the render workflow and publishes its events.',
  });
  const invokeSteps = {
    sid: 'InvokeSteps',
    why: 'Each step of the workflow is a function.',
    actions: ['lambda:InvokeFunction'],
    resources: functions.map(({ arn }) => arn),
  };
  const publishEvents = publishGrant(eventBus, STATE_MACHINE_EVENTS);
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
  const stateMachineName = key && nameOfThisCreation(scope, 80);
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    comment: 'Renders a video with Remotion Lambda and copies it into a bucket.',
    definitionBody: DefinitionBody.fromString(readFileSync(DEFINITION, 'utf8')),
    definitionSubstitutions: {
      ...Object.fromEntries(functions.map(({ name, arn }) => [`${name}FunctionArn`, arn])),
      EventBusArn: eventBus.eventBusArn,
    },
    role,
    ...(stateMachineName && { stateMachineName }),
    tracingEnabled: true,
    logs: {
      // Without execution data: it holds props.
      level: LogLevel.ALL,
      includeExecutionData: false,
      destination: new LogGroup(scope, 'StateMachineLogs', {
        // Log delivery to a group of this prefix does not use up the account's ten resource policies.
        logGroupName: `/aws/vendedlogs/states/${nameOfThisCreation(scope, 100)}`,
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
