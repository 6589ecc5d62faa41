import type { Clock } from '../../local/aws.ts';
import { TaskError } from '../../local/stepfunctions/task-error.ts';
import type { TaskCaller, TaskServices } from '../../local/stepfunctions/task-services.ts';
import type { RecordedCase, Reply } from './recorded-case.ts';

/** Longer than any task waits, in milliseconds. */
const FOREVER = 100 * 365 * 24 * 3600 * 1000;

/** A Lambda that answers with a case's replies, each once, in their order. */
export function scriptedLambda({ replies }: RecordedCase, clock: Clock): TaskServices['invokeLambda'] {
  const left = new Map(Object.entries(replies).map(([state, answers]) => [state, [...answers]]));
  return async ({ caller, signal }) => {
    const reply = takeReply(left.get(caller.stateName) ?? [], caller);
    if (reply.timedOut) await clock.sleep(FOREVER, signal);
    if (reply.error) throw new TaskError(reply.error, reply.cause ?? '');
    return { payload: reply.output ?? null, statusCode: 200, requestId: 'scripted' };
  };
}

function takeReply(left: Reply[], { stateName, mapIndex }: TaskCaller): Reply {
  const index = left.findIndex(({ iteration }) => iteration === undefined || iteration === mapIndex);
  const [reply] = index < 0 ? [] : left.splice(index, 1);
  if (!reply) throw new Error(`the case has no reply left for the state ${stateName}`);
  return reply;
}
