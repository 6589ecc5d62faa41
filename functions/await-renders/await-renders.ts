import { setTimeout as sleep } from 'node:timers/promises';
import { customResource } from '../runtime/custom-resource.ts';

export interface FunctionInUse {
  readonly FunctionName: string;
  /** How long renders may still need the function, in seconds. CloudFormation makes text of it. */
  readonly Seconds: string;
}

/**
 * Keeps CloudFormation from deleting a Remotion function that has been replaced while renders run on it, which
 * invoke it again by its name.
 */
export const handler = customResource<FunctionInUse>(
  ({ FunctionName, Seconds }) => `${FunctionName}/${Seconds}`,
  async (type, { Seconds }) => {
    if (type === 'Delete') await sleep(Number(Seconds) * 1000);
  },
);
