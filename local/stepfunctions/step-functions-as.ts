import { randomUUID } from 'node:crypto';
import type { LocalService } from '../aws.ts';
import type { Interceptor } from '../gateway.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { callAs } from '../iam/call-as.ts';
import type { JsonObject } from './json.ts';
import { machineRole } from './machine-role.ts';
import { stepFunctionsServiceError, TaskError } from './task-error.ts';
import type { TaskServices } from './task-services.ts';

/** Lets a state machine start, describe and stop executions with its own role, whose policies decide. */
export function stepFunctionsAs(
  access: Pick<AccessControl, 'assumeRole' | 'authorize'>,
  stepFunctions: () => LocalService,
  intercept?: Interceptor,
): TaskServices['callStepFunctions'] {
  return async ({ operation, input, caller }) => {
    try {
      const call = { target: `AWSStepFunctions.${operation}`, input: JSON.stringify(input) };
      const role = machineRole(access, caller);
      const { status, body } = await callAs(role, access, stepFunctions(), call, intercept);
      const answer = JSON.parse(body) as JsonObject;
      if (status === 200) return { body: answer, statusCode: status, requestId: randomUUID() };
      throw stepFunctionsServiceError(String(answer.__type), status, String(answer.message));
    } catch (error) {
      if (error instanceof TaskError) throw error;
      throw new TaskError('StepFunctions.SdkClientException', String(error));
    }
  };
}
