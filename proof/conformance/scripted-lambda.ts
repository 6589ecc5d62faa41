import type { Clock } from '../../local/aws.ts';
import { stateMachineArnOf } from '../../local/stepfunctions/execution-arn.ts';
import { TaskError } from '../../local/stepfunctions/task-error.ts';
import type { TaskCaller, TaskServices } from '../../local/stepfunctions/task-services.ts';
import type { RecordedCase, Replies, Reply } from './recorded-case.ts';

/** Longer than any task waits, in milliseconds. */
const FOREVER = 100 * 365 * 24 * 3600 * 1000;

/**
 * A Lambda that answers with the replies of a case, each once, in their order; those of the machines that are
 * there for others are their own.
 */
export function scriptedLambda(
  { replies, machines = [], functions = {} }: RecordedCase,
  clock: Clock,
): TaskServices['invokeLambda'] {
  const ownReplies = new Map(machines.map((machine) => [machine.name, copyOf(machine.replies ?? {})]));
  const caseReplies = copyOf(replies);
  return async ({ functionName, payload, caller, signal }) => {
    if (functions[functionName] === 'identity') return { payload, statusCode: 200, requestId: 'scripted' };
    const machine = stateMachineArnOf(caller.executionArn).split(':').at(-1) ?? '';
    const left = ownReplies.get(machine) ?? caseReplies;
    const reply = takeReply(left.get(caller.stateName) ?? [], caller);
    if (reply.timedOut) await clock.sleep(FOREVER, signal);
    if (reply.error) throw new TaskError(reply.error, reply.cause ?? '');
    return { payload: reply.output ?? null, statusCode: 200, requestId: 'scripted' };
  };
}

function copyOf(replies: Replies): Map<string, Reply[]> {
  return new Map(Object.entries(replies).map(([state, answers]) => [state, [...answers]]));
}

function takeReply(left: Reply[], { stateName, mapIndex }: TaskCaller): Reply {
  const index = left.findIndex(({ iteration }) => iteration === undefined || iteration === mapIndex);
  const [reply] = index < 0 ? [] : left.splice(index, 1);
  if (!reply) throw new Error(`the case has no reply left for the state ${stateName}`);
  return reply;
}
