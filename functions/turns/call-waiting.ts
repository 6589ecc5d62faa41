import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';

let client: SFNClient | undefined;

/** What Step Functions answers where nobody waits with the token: it was called before, or its execution has gone on. */
const NOBODY_WAITS = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

/**
 * Has a waiting execution go on with this output; false where nobody waits any more. To be imported when it is needed,
 * as its client takes time to load.
 *
 * @throws Error of the SDK: whether the execution goes on is not known.
 */
export function call(taskToken: string, output: object): Promise<boolean> {
  return send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
}

/** Has a waiting execution fail; false where nobody waits any more. */
export function sendAway(taskToken: string, error: string, cause: string): Promise<boolean> {
  return send(new SendTaskFailureCommand({ taskToken, error, cause }));
}

async function send(command: SendTaskSuccessCommand | SendTaskFailureCommand): Promise<boolean> {
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
  client ??= new SFNClient({ requestHandler });
  try {
    await client.send(command as SendTaskSuccessCommand);
    return true;
  } catch (error) {
    if (NOBODY_WAITS.includes((error as Error).name)) return false;
    throw error;
  }
}
