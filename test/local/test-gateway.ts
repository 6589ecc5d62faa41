import { LOCAL_ACCOUNT_ID, type LocalService, type PolicyStatement } from '../../local/aws.ts';
import { type Gateway, type Interceptor, startGateway } from '../../local/gateway.ts';
import { AccessControl, type LocalRole } from '../../local/iam/access-control.ts';
import { createFauxqsBackend, type FauxqsBackend } from '../../local/s3/fauxqs-backend.ts';
import { createS3Service } from '../../local/s3/s3-service.ts';
import { createSqsService, type NewQueue, type SqsService } from '../../local/sqs/sqs-service.ts';
import { createStsService } from '../../local/sts/sts-service.ts';

interface TestGatewayOptions {
  readonly roles?: readonly LocalRole[];
  readonly resourcePolicies?: Readonly<Record<string, readonly PolicyStatement[]>>;
  readonly buckets?: readonly { name: string; acceptsAcls: boolean }[];
  readonly queueNames?: readonly string[];
  readonly queues?: readonly NewQueue[];
  readonly more?: (access: AccessControl, sqs: SqsService) => LocalService[];
  readonly intercept?: Interceptor;
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly access: AccessControl;
  readonly sqs: SqsService;
  readonly backend: FauxqsBackend;
  /** Options of an SDK client: of the administrator, or of a role. */
  client(roleArn?: string): {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  };
  stop(): Promise<void>;
}

/** A gateway with S3, SQS and STS behind it. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startGateway();
  const access = new AccessControl({ roles: [], resourcePolicies: {}, ...options });
  const backend = createFauxqsBackend();
  const s3 = await createS3Service({ backend, access, buckets: options.buckets ?? [] });
  const named = (options.queueNames ?? []).map((name) => ({ name }));
  const sqs = await createSqsService({ backend, queues: [...named, ...(options.queues ?? [])] });
  gateway.serve({
    access,
    services: [s3, sqs, createStsService(), ...(options.more?.(access, sqs) ?? [])],
    intercept: options.intercept,
  });
  return {
    gateway,
    access,
    sqs,
    backend,
    client: (roleArn) => ({
      endpoint: gateway.endpoint,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: roleArn
        ? access.issueCredentials(roleArn)
        : { accessKeyId: 'AKIAADMINISTRATOR', secretAccessKey: 'any' },
    }),
    async stop() {
      await gateway.stop();
      await backend.stop();
    },
  };
}

/** A role that the given service may assume. */
export function role(
  name: string,
  statements: PolicyStatement[],
  service = 'lambda.amazonaws.com',
): LocalRole {
  return {
    name,
    arn: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role/${name}`,
    trust: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
    statements,
  };
}
