import { Policy, PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Annotations, type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { functionCode } from './bundling/function-code.ts';
import { fitInline, grantByManagedPolicies } from './grants/fit-policies.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import { acknowledgeWildcards, type StepGrant, toPolicyStatement } from './grants/step-grant.ts';

/** In bytes. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_ENVIRONMENT = 4_096;

export interface RenderStepProps {
  /** Folder in `functions/`. */
  readonly entry: string;
  /** Site that lies beside its code, in `site/`. */
  readonly site?: { readonly folder: string; readonly hash: string };
  /** What the step's role may do beside writing its own logs and traces, by the name of the inline policy. */
  readonly policies: Readonly<Record<string, readonly StepGrant[]>>;
  /**
   * The same, each in a policy of its own by its construct id. One with another id in the next template is there
   * before the function changes, and that of before until the function has changed.
   * @default - none
   */
  readonly replacedPolicies?: Readonly<Record<string, StepGrant>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** Memory in MB. */
  readonly memorySize: number;
  readonly description: string;
  /** What logs, traces and metrics of the workflow are found by. */
  readonly serviceName: string;
  readonly logRetention: RetentionDays;
  /** Key that the log group is encrypted with. @default - a key of CloudWatch Logs */
  readonly logEncryptionKey?: IKey;
}

/** One step of the workflow: a function with a role and a log group of its own. */
export class RenderStep extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  /** What the step itself needs, without its own logs and traces. */
  readonly grants: readonly StepGrant[];
  /** The policies of `replacedPolicies`. */
  readonly replacedPolicies: Readonly<Record<string, Policy>>;

  constructor(scope: Construct, id: string, props: RenderStepProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      ...(props.logEncryptionKey && { encryptionKey: props.logEncryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const policies = {
      Logs: [
        {
          sid: 'WriteLogs',
          why: "The function's log lines go into its own log group.",
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
        },
      ],
      ...props.policies,
    };
    const { replacedPolicies = {} } = props;
    const replaced = Object.values(replacedPolicies);
    const { inline, rest } = fitInline(this, policies, [...replaced, ...replaced]);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Execution role of ${id}: ${props.description}`,
      inlinePolicies: Object.fromEntries(
        Object.entries(inline).map(([name, grants]) => [
          name,
          new PolicyDocument({ statements: grants.map(toPolicyStatement) }),
        ]),
      ),
    });
    this.grants = [...replaced, ...Object.values(props.policies).flat()];
    this.replacedPolicies = Object.fromEntries(
      Object.entries(replacedPolicies).map(([policyId, grant]) => {
        acknowledgeWildcards(this.role, grant);
        explainGrants(this.role, grant);
        const statements = [toPolicyStatement(grant)];
        return [policyId, new Policy(this, policyId, { roles: [this.role], statements })];
      }),
    );
    for (const grant of Object.values(inline).flat()) {
      acknowledgeWildcards(this.role, grant);
      explainGrants(this.role, grant);
    }
    grantByManagedPolicies(this.role, rest);
    explainGrants(this.role, {
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      why: 'The function writes its trace. X-Ray has no resources.',
    });
    const environment = { ...props.environment, POWERTOOLS_SERVICE_NAME: props.serviceName };
    const size = Object.entries(environment).flat().join('').length;
    if (size > MAX_ENVIRONMENT)
      Annotations.of(this).addError(
        `EnvironmentTooLarge: The environment of ${id} has ${size} bytes, and Lambda takes ${MAX_ENVIRONMENT}. Name fewer destination buckets, or some with shorter names.`,
      );
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: functionCode(props.entry, props.site),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      logGroup,
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment,
      tracing: Tracing.ACTIVE,
    });
    this.function.node.addDependency(...Object.values(this.replacedPolicies));
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray has no resources: xray:PutTraceSegments and xray:PutTelemetryRecords take only "*".',
    });
  }
}
