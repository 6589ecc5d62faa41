import { AwsError } from '../aws.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { functionArn } from '../lambda/function-configuration.ts';
import type { FunctionHost } from '../lambda/function-host.ts';
import type { InvocationResult } from '../lambda/invocation-result.ts';
import type { Json } from './json.ts';
import { machineRole } from './machine-role.ts';
import { lambdaFunctionError, lambdaServiceError, TaskError } from './task-error.ts';
import type { LambdaInvocation, TaskServices } from './task-services.ts';

/** Stands between a state machine and its functions: may answer itself, throw an AwsError, or call `next`. */
export type InvocationInterceptor = (
  invocation: LambdaInvocation,
  next: () => Promise<InvocationResult>,
) => Promise<InvocationResult>;

/** Lets a state machine invoke functions with its own role, whose policies decide. */
export function invokeAs(
  access: AccessControl,
  functions: FunctionHost,
  intercept: InvocationInterceptor = (_invocation, next) => next(),
): TaskServices['invokeLambda'] {
  return async (invocation) => {
    const { functionName, payload, caller, signal } = invocation;
    const name = functionName.split(':').at(-1) ?? functionName;
    try {
      const role = machineRole(access, caller);
      access.authorize(role, { action: 'lambda:InvokeFunction', resource: functionArn(name) });
      const result = await intercept(invocation, () =>
        functions.invoke({ functionName: name, payload: JSON.stringify(payload), signal }),
      );
      const answer = JSON.parse(result.payload.toString() || 'null') as Json;
      if (result.functionError) throw lambdaFunctionError(answer);
      return { payload: answer, statusCode: 200, requestId: result.requestId };
    } catch (error) {
      if (error instanceof TaskError || signal.aborted) throw error;
      if (!(error instanceof AwsError)) throw new TaskError('Lambda.SdkClientException', String(error));
      throw lambdaServiceError(
        error.code,
        error.status,
        error.message,
        '00000000-0000-0000-0000-000000000000',
      );
    }
  };
}
