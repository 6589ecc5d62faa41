import type { Principal } from '../aws.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { stateMachineArnOf } from './execution-arn.ts';
import type { TaskCaller } from './task-services.ts';

/**
 * The role of a state machine, assumed for one of its executions. That the source of a part of a Map Run is
 * `<machine>/<label>` is belief. Throws AwsError.
 */
export function machineRole(access: Pick<AccessControl, 'assumeRole'>, caller: TaskCaller): Principal {
  return access.assumeRole(caller.roleArn, {
    kind: 'service',
    service: 'states.amazonaws.com',
    sourceArn: stateMachineArnOf(caller.executionArn),
  });
}
