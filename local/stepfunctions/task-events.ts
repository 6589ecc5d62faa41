import type { EventLine, History } from './history.ts';
import type { Json } from './json.ts';
import type { TaskResource } from './task-resource.ts';

export interface TaskDeadlines {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

/** The events of one attempt of a task. */
export interface TaskEvents {
  scheduled(args: Json, deadlines: TaskDeadlines): void;
  /** The call has succeeded; the task waits for what it started, or for its token. */
  submitted(outputText: string): void;
  succeeded(outputText: string): void;
  failed(error: string, cause: string): void;
  timedOut(): void;
}

/** Integrations write Task* events, a function's ARN as Resource writes LambdaFunction* events. */
export function taskEvents(
  history: History,
  line: EventLine,
  resourceArn: string,
  resource: TaskResource,
  region: string,
): TaskEvents {
  const { integration } = resource;
  if (integration) {
    return {
      scheduled(args, deadlines) {
        history.add(line, 'TaskScheduled', {
          ...integration,
          region,
          parameters: JSON.stringify(args),
          ...deadlines,
        });
        history.add(line, 'TaskStarted', integration);
      },
      submitted(output) {
        history.add(line, 'TaskSubmitted', { ...integration, output, outputDetails: { truncated: false } });
      },
      succeeded(output) {
        history.add(line, 'TaskSucceeded', { ...integration, output, outputDetails: { truncated: false } });
      },
      failed(error, cause) {
        history.add(line, 'TaskFailed', { ...integration, error, cause });
      },
      timedOut() {
        history.add(line, 'TaskTimedOut', { ...integration, error: 'States.Timeout' });
      },
    };
  }
  return {
    scheduled(args, { timeoutInSeconds }) {
      history.add(line, 'LambdaFunctionScheduled', {
        resource: resourceArn,
        input: JSON.stringify(args),
        inputDetails: { truncated: false },
        ...(timeoutInSeconds !== undefined && { timeoutInSeconds }),
      });
      history.add(line, 'LambdaFunctionStarted');
    },
    submitted() {},
    succeeded(output) {
      history.add(line, 'LambdaFunctionSucceeded', { output, outputDetails: { truncated: false } });
    },
    failed(error, cause) {
      history.add(line, 'LambdaFunctionFailed', { error, cause });
    },
    timedOut() {
      history.add(line, 'LambdaFunctionTimedOut', { error: 'States.Timeout' });
    },
  };
}
