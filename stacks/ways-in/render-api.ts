import {
  AccessLogFormat,
  AuthorizationType,
  AwsIntegration,
  EndpointType,
  JsonSchemaType,
  LogGroupLogDestination,
  type Method,
  MethodLoggingLevel,
  PassthroughBehavior,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Grant, type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { grantToRole, type StepGrant } from '../grants/step-grant.ts';
import { uniqueName } from '../unique-name.ts';

export interface RenderApiProps {
  readonly stateMachine: StateMachine;
  /**
   * Whether requests are logged. API Gateway writes logs with a role that is a setting of the account and region,
   * and refuses the stage where that is not set.
   * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
   */
  readonly accessLogs: boolean;
  readonly logRetention: RetentionDays;
  /** Key that the executions are encrypted with. @default - a key of Step Functions */
  readonly stateMachineKey?: IKey;
  /** Key that the log group is encrypted with. @default - a key of CloudWatch Logs */
  readonly logEncryptionKey?: IKey;
}

/** Turns `\'`, which is no JSON, back: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html */
const asJsonText = (expression: string): string =>
  `$util.escapeJavaScript(${expression}).replaceAll("\\\\'","'")`;

/**
 * Starts renders and tells their state over HTTP, for callers with an IAM identity, without code in between:
 * `POST /renders` with a request answers as StartExecution does, `GET /renders/{name}` as DescribeExecution.
 *
 * A REST API, because an HTTP API has no integration with DescribeExecution.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
 */
export class RenderApi extends Construct {
  readonly api: RestApi;
  /** Address of the renders: a request is posted here. */
  readonly url: string;
  private readonly methods: readonly Method[];

  constructor(scope: Construct, id: string, props: RenderApiProps) {
    super(scope, id);
    const { stateMachine } = props;
    this.api = new RestApi(this, 'Api', {
      restApiName: uniqueName(this, 128),
      description: 'Starts renders and tells their state.',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        stageName: 'v1',
        // Far below what Step Functions takes (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html),
        // so that nobody here uses up the account's quota.
        throttlingRateLimit: 25,
        throttlingBurstLimit: 50,
        ...this.logging(props),
      },
    });
    // The stack has its own output with the address of the renders.
    this.api.node.tryRemoveChild('Endpoint');
    const requestValidator = this.api.addRequestValidator('Validator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    const requestModel = this.api.addModel('Request', {
      contentType: 'application/json',
      description: 'A render request; what is in it the workflow checks.',
      schema: { type: JsonSchemaType.OBJECT },
    });
    const role = this.newRole(props);
    const integration = (action: string, template: string) =>
      new AwsIntegration({
        service: 'states',
        action,
        options: {
          credentialsRole: role,
          passthroughBehavior: PassthroughBehavior.NEVER,
          requestTemplates: { 'application/json': template },
          integrationResponses: [
            { statusCode: '200' },
            { statusCode: '400', selectionPattern: '4\\d{2}' },
            { statusCode: '502', selectionPattern: '5\\d{2}' },
          ],
        },
      });
    const options = {
      authorizationType: AuthorizationType.IAM,
      requestValidator,
      methodResponses: ['200', '400', '502'].map((statusCode) => ({ statusCode })),
    };
    const renders = this.api.root.addResource('renders');
    const executionArn = `${executionsOf(stateMachine)}:${asJsonText("$input.params('name')")}`;
    this.methods = [
      renders.addMethod(
        'POST',
        integration(
          'StartExecution',
          `{"stateMachineArn": "${stateMachine.stateMachineArn}", "input": "${asJsonText("$input.json('$')")}"}`,
        ),
        { ...options, requestModels: { 'application/json': requestModel } },
      ),
      renders
        .addResource('{name}')
        .addMethod('GET', integration('DescribeExecution', `{"executionArn": "${executionArn}"}`), {
          ...options,
          requestParameters: { 'method.request.path.name': true },
        }),
    ];
    this.url = this.api.urlForPath('/renders');
    this.acknowledge(props);
  }

  /** Lets a caller start renders and see their state through the API, and nothing else. */
  grantInvoke(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: this.methods.map(({ methodArn }) => methodArn),
    });
  }

  private logging({ accessLogs, logRetention, logEncryptionKey }: RenderApiProps) {
    if (!accessLogs) return {};
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: logRetention,
      ...(logEncryptionKey && { encryptionKey: logEncryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return {
      accessLogDestination: new LogGroupLogDestination(logGroup),
      accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      // Without data: it holds props.
      loggingLevel: MethodLoggingLevel.ERROR,
      dataTraceEnabled: false,
    };
  }

  private newRole({ stateMachine, stateMachineKey }: RenderApiProps): Role {
    const role = new Role(this, 'Role', {
      // API Gateway documents no source that it would name when it assumes a role.
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      description: 'Starts and describes executions of the render workflow for callers of the API.',
    });
    const grants: StepGrant[] = [
      {
        sid: 'StartExecutions',
        why: 'POST /renders starts an execution.',
        actions: ['states:StartExecution'],
        resources: [stateMachine.stateMachineArn],
      },
      {
        sid: 'DescribeExecutions',
        why: 'GET /renders/{name} describes an execution of this state machine; which, the request says.',
        actions: ['states:DescribeExecution'],
        resources: [`${executionsOf(stateMachine)}:*`],
      },
    ];
    if (stateMachineKey) {
      grants.push({
        sid: 'DecryptExecutions',
        why: 'The executions that the API describes are encrypted with this key.',
        actions: ['kms:Decrypt'],
        resources: [stateMachineKey.keyArn],
        conditions: {
          StringEquals: {
            'kms:EncryptionContext:aws:states:stateMachineArn': stateMachine.stateMachineArn,
          },
        },
      });
    }
    grantToRole(role, ...grants);
    return role;
  }

  private acknowledge({ accessLogs }: RenderApiProps): void {
    const acknowledge = (id: string, reason: string) => Validations.of(this.api).acknowledge({ id, reason });
    acknowledge(
      'AwsSolutions-APIG3',
      'Only requests signed by an IAM identity with execute-api:Invoke get through; whether a web ACL is worth its cost is for the owner of the account to say.',
    );
    acknowledge(
      'AwsSolutions-COG4',
      'IAM authorizes the callers, which are services and not people of a user pool.',
    );
    if (accessLogs) return;
    const reason =
      'Logs are off: API Gateway writes them with a role that is a setting of the whole account and region, which is its owner to make.';
    acknowledge('AwsSolutions-APIG1', reason);
    acknowledge('AwsSolutions-APIG6', reason);
  }
}

/** `arn:…:execution:NAME`, to which an execution's name is added. */
function executionsOf({ stateMachineName }: StateMachine): string {
  return `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${stateMachineName}`;
}
