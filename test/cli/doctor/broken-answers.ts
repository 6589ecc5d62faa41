import { AwsError, type AwsResponse } from '../../../local/aws.ts';
import type { Interceptor } from '../../../local/gateway.ts';

/** Changes what is answered to an action. @param change of the body: an object of JSON, else the text */
export function answer<T = Record<string, never>>(
  action: string,
  change: (body: T) => unknown,
  resource = /./,
): Interceptor {
  return async (call, next) => {
    const [asked] = call.authorizations;
    if (asked?.action !== action || !resource.test(asked.resource)) return next();
    const answered = await next();
    const body = String(answered.body);
    const isJson = /^\s*[{[]/.test(body);
    const changed = change((isJson ? JSON.parse(body) : body) as T);
    return { ...answered, body: typeof changed === 'string' ? changed : JSON.stringify(changed) };
  };
}

/** Answers an action as a service does that refuses or fails. */
export function answerWith(
  action: string,
  response: AwsResponse | (() => never),
  resource = /./,
): Interceptor {
  return async (call, next) => {
    const [asked] = call.authorizations;
    if (asked?.action !== action || !resource.test(asked.resource)) return next();
    return typeof response === 'function' ? response() : response;
  };
}

/** Changes settings of the workflow, which are in the environments of its functions. */
export function setting(variables: Readonly<Record<string, string | undefined>>): Interceptor {
  return answer<{ Environment: { Variables: Record<string, string> } }>(
    'lambda:GetFunctionConfiguration',
    (fn) => ({ ...fn, Environment: { Variables: { ...fn.Environment.Variables, ...variables } } }),
  );
}

/** A function, as Lambda describes it. */
export type Fn = Record<string, unknown>;

/** Changes the configuration of a function. @default of Remotion's */
export const configuration = (change: (fn: Fn) => Fn, resource = /remotion-render/) =>
  answer<Fn>('lambda:GetFunctionConfiguration', change, resource);

/** As of a role that may not ask. */
export const refuse = (action: string, resource?: RegExp) =>
  answerWith(
    action,
    () => {
      throw new AwsError(
        'AccessDeniedException',
        `User: me is not authorized to perform: ${action} on resource: *`,
        403,
      );
    },
    resource,
  );

/** An answer about a bucket's encryption, with a key of the customer. */
export const withKey = (xml: string) =>
  xml.replace(
    'AES256</SSEAlgorithm>',
    'aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:us-east-1:123456789012:key/k</KMSMasterKeyID>',
  );

export const gone = (action: string, resource?: RegExp) =>
  answerWith(
    action,
    () => {
      throw new AwsError('ResourceNotFoundException', 'It is not there.', 404);
    },
    resource,
  );
