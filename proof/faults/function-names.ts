import type { LocalStack } from '../../local/cloud-assembly/local-stack.ts';
import { STEP_FUNCTIONS } from './observe-call.ts';

const STEP =
  /AwaitTurn|StartRender|GetRenderProgress|CopyToBucket|CancelRender|SweepRenders|(?:Prepare|Follow|Summarize)Batch|(?:Admit|Record)Row/;

/** The caller whose calls are Remotion's. */
export const REMOTION = 'Remotion';

/** `StartRender` and so on, by what functions and their roles are called in the stack. */
export function functionNames(stack: LocalStack): (arnOrName: string) => string {
  const names = new Map<string, string>();
  for (const { logicalId, name, arn, roleArn } of stack.functions) {
    const step = STEP.exec(logicalId)?.[0] ?? logicalId;
    for (const key of [name, arn, roleArn]) names.set(key, step);
  }
  for (const { roleArn } of stack.stateMachines) names.set(roleArn, STEP_FUNCTIONS);
  return (arnOrName) => names.get(arnOrName) ?? REMOTION;
}
