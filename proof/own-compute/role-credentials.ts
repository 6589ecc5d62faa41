import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { AwsError, LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../local/aws.ts';
import type { ServicePrincipal } from '../../local/iam/evaluate.ts';
import type { Launched } from '../../local/launch.ts';

type Environment = Readonly<Record<string, string>>;

const HOUR_IN_MS = 60 * 60 * 1000;

/**
 * Stands for an EC2 instance with this role: its metadata service, of version 2 only, is at the machine's endpoint.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 *
 * @returns What a program on the instance gets as its environment.
 */
export function runsOnInstance(machine: Launched, roleArn: string): Environment {
  const roleName = roleArn.split('/').at(-1) ?? '';
  const token = randomBytes(16).toString('hex');
  const list = '/latest/meta-data/iam/security-credentials';
  machine.mount('/latest', (request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') return answer(response, token);
    if (request.headers['x-aws-ec2-metadata-token'] !== token) return refuse(response, 401);
    if (request.url === `${list}/`) return answer(response, roleName);
    if (request.url !== `${list}/${roleName}`) return refuse(response, 404);
    const credentials = assumed(machine, roleArn, { kind: 'service', service: 'ec2.amazonaws.com' });
    if (!credentials) return refuse(response, 404);
    answer(response, JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', ...credentials }));
  });
  return { ...environmentOf(machine), AWS_EC2_METADATA_SERVICE_ENDPOINT: machine.endpoint };
}

/**
 * Stands for a container of an ECS task with this role, whose credentials are at the machine's endpoint.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * @returns What a program in the container gets as its environment.
 */
export function runsInTask(machine: Launched, roleArn: string): Environment {
  const path = '/task-credentials';
  const authorization = randomBytes(16).toString('hex');
  machine.mount(path, (request, response) => {
    if (request.headers.authorization !== authorization) return refuse(response, 401);
    const credentials = assumed(machine, roleArn, {
      kind: 'service',
      service: 'ecs-tasks.amazonaws.com',
      sourceArn: `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:task/videos/1`,
    });
    if (!credentials) return refuse(response, 404);
    answer(response, JSON.stringify({ RoleArn: roleArn, ...credentials }));
  });
  return {
    ...environmentOf(machine),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${machine.endpoint}${path}`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization,
  };
}

/** Without keys, and without the files of the person at this machine. */
function environmentOf({ endpoint }: Launched): Environment {
  return {
    PATH: process.env.PATH ?? '',
    HOME: '/nowhere',
    AWS_REGION: LOCAL_REGION,
    AWS_ENDPOINT_URL: endpoint,
  };
}

/** Credentials as both services give them; undefined where the role's trust policy does not let the service assume it. */
function assumed({ access }: Launched, roleArn: string, by: ServicePrincipal) {
  try {
    access.assumeRole(roleArn, by);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
  const { accessKeyId, secretAccessKey, sessionToken } = access.issueCredentials(roleArn);
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(Date.now() + 6 * HOUR_IN_MS).toISOString(),
  };
}

function answer(response: ServerResponse, body: string): void {
  response.end(body);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
