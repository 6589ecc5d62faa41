import type { ExecutionEnd } from '../../cli/follow-execution.ts';
import type { RenderResult } from '../../statemachine/contract.ts';

/** The output of an execution. @throws Error with how it ended where it has not succeeded */
export function delivered(end: ExecutionEnd): RenderResult {
  if (end.status === 'SUCCEEDED') return end.output as RenderResult;
  throw new Error(`the execution ended ${describeEnd(end)}`);
}

/** The message of an execution's failure. @throws Error when it has not failed by that name */
export function failedWith(end: ExecutionEnd, name: string): string {
  if (end.error !== name) throw new Error(`expected ${name}, and the execution ended ${describeEnd(end)}`);
  return messageOf(end);
}

function describeEnd(end: ExecutionEnd): string {
  return [end.status, end.error, messageOf(end)].filter(Boolean).join(', ');
}

/** The cause of the workflow's own errors is JSON, that of AWS's is text. */
function messageOf({ cause = '' }: ExecutionEnd): string {
  try {
    return JSON.parse(cause).message ?? cause;
  } catch {
    return cause;
  }
}
