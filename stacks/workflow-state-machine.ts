import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type CfnStateMachine, DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { actingService } from './grants/acting-service.ts';
import { allowStateMachine } from './grants/encryption-keys.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { grantToRole, type StepGrant } from './grants/step-grant.ts';
import type { RenderStep } from './render-step.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';
import { nameOfThisCreation } from './unique-name.ts';

const DEFINITIONS = join(import.meta.dirname, '..', 'statemachine');

export interface WorkflowStateMachineProps
  extends Pick<RenderWorkflowProps, 'logRetention' | 'encryptionKeys'> {
  /** File in `statemachine/`. */
  readonly definition: string;
  readonly comment: string;
  /** What the role is for. */
  readonly description: string;
  /** By their names in the definition: `${<Step>FunctionArn}`. */
  readonly steps: Readonly<Record<string, RenderStep>>;
  /** Further values in the definition. */
  readonly substitutions: Readonly<Record<string, string>>;
  /** What the machine does beside invoking its steps. */
  readonly grants: readonly StepGrant[];
  /** @default - CloudFormation makes one up, but for a machine with a key, whose permissions name it */
  readonly stateMachineName?: string;
}

/** The state machine of a definition, with a role that invokes its steps, a log without data, and a trace. */
export function newWorkflowStateMachine(scope: Construct, props: WorkflowStateMachineProps): StateMachine {
  const { encryptionKeys = {}, logRetention } = props;
  const functions = Object.entries(props.steps).map(([name, step]) => ({
    name,
    ...step,
    arn: step.function.functionArn,
  }));
  const role = new Role(scope, 'StateMachineRole', {
    assumedBy: actingService('states', 'stateMachine:*'),
    description: props.description,
  });
  const invokeSteps = {
    sid: 'InvokeSteps',
    why: 'Each step of the workflow is a function.',
    actions: ['lambda:InvokeFunction'],
    resources: functions.map(({ arn }) => arn),
  };
  grantToRole(role, invokeSteps, ...props.grants);
  explainGrants(role, {
    actions: ['logs:*', 'xray:*'],
    why: 'The state machine delivers its log and its trace. Both services have no resources for it.',
  });
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'Log delivery and X-Ray have no resources: their actions take only "*".',
  });
  const key = encryptionKeys.stateMachine;
  const stateMachineName = props.stateMachineName ?? (key && nameOfThisCreation(scope, 80));
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    comment: props.comment,
    definitionBody: DefinitionBody.fromString(readFileSync(join(DEFINITIONS, props.definition), 'utf8')),
    definitionSubstitutions: {
      ...Object.fromEntries(functions.map(({ name, arn }) => [`${name}FunctionArn`, arn])),
      ...props.substitutions,
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
