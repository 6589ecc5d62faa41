import { AwsError, LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';

const FUNCTION_NAME =
  /^(?:(?:arn:aws:lambda:(?<region>[a-z0-9-]+):)?(?<account>\d{12}):function:)?(?<name>[a-zA-Z0-9_-]{1,64})(?::(?<qualifier>[^:]+))?$/;

/**
 * The name in a function's name, partial ARN or ARN.
 * @param qualifier where it is given apart from the name
 * @throws AwsError `ValidationException`; `ResourceNotFoundException` for another account or region, and for a
 *   version or alias, as functions have none here
 */
export function readFunctionName(nameOrArn: string, qualifier?: string): string {
  const parts = FUNCTION_NAME.exec(nameOrArn)?.groups;
  if (!parts?.name) throw new AwsError('ValidationException', `Not a function's name or ARN: ${nameOrArn}`);
  const { region = LOCAL_REGION, account = LOCAL_ACCOUNT_ID } = parts;
  const version = parts.qualifier ?? qualifier ?? '$LATEST';
  if (region !== LOCAL_REGION || account !== LOCAL_ACCOUNT_ID || version !== '$LATEST')
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: arn:aws:lambda:${region}:${account}:function:${parts.name}:${version}`,
      404,
    );
  return parts.name;
}
