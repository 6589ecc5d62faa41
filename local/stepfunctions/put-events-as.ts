import type { LocalService } from '../aws.ts';
import type { Interceptor } from '../gateway.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { callAs } from '../iam/call-as.ts';
import type { JsonObject } from './json.ts';
import { machineRole } from './machine-role.ts';
import { eventBridgeServiceError, TaskError } from './task-error.ts';
import type { TaskServices } from './task-services.ts';

/** Lets a state machine publish events with its own role, whose policies decide. */
export function putEventsAs(
  access: AccessControl,
  eventBridge: () => LocalService,
  intercept?: Interceptor,
): TaskServices['putEvents'] {
  return async ({ entries, caller, signal }) => {
    try {
      const role = machineRole(access, caller);
      const call = { target: 'AWSEvents.PutEvents', input: JSON.stringify({ Entries: entries }) };
      const { status, body } = await callAs(role, access, eventBridge(), call, intercept);
      const answer = JSON.parse(body) as JsonObject;
      if (status === 200) return { body: answer, statusCode: status, requestId: crypto.randomUUID() };
      throw eventBridgeServiceError(String(answer.__type), status, String(answer.message));
    } catch (error) {
      if (error instanceof TaskError || signal.aborted) throw error;
      throw new TaskError('EventBridge.SdkClientException', String(error));
    }
  };
}
