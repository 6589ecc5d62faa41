import { randomUUID } from 'node:crypto';
import { LOCAL_REGION } from '../aws.ts';
import type { FunctionConfiguration } from './function-configuration.ts';

/** Access keys of one function process. */
export interface ProcessCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/**
 * The whole environment of a function process: the template's variables and what Lambda sets. Nothing of the
 * person's own, so that no profile, key or proxy of theirs is ever used.
 * @param folder the only folder that the process may write
 */
export function functionEnvironment(
  configuration: FunctionConfiguration,
  credentials: ProcessCredentials,
  endpointUrl: string,
  folder: string,
): Record<string, string> {
  const { functionName } = configuration;
  return {
    ...configuration.environment,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    TMPDIR: folder,
    // Without a home folder Node asks the operating system, and the SDK would find the person's ~/.aws there.
    HOME: folder,
    _HANDLER: configuration.handler,
    LAMBDA_TASK_ROOT: configuration.folder,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryInMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${randomUUID().replaceAll('-', '')}`,
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
  };
}
