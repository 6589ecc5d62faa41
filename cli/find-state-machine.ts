import { paginateListStateMachines, type SFNClient } from '@aws-sdk/client-sfn';
import { UsageError } from './usage-error.ts';

/** Part of the name of the state machine in every stack whose construct has the id that ours has. */
const NAME_PART = 'RenderWorkflow';

const GIVE_IT =
  'Give the one to use with --state-machine-arn or in STATE_MACHINE_ARN (the stack\'s output "StateMachineArn").';

/** @throws UsageError when it is not the ARN of a state machine. */
export function checkStateMachineArn(arn: string): string {
  if (/^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[^:\s]+$/.test(arn)) return arn;
  throw new UsageError(
    `${JSON.stringify(arn)} is not the ARN of a state machine; expected arn:aws:states:<region>:<account>:stateMachine:<name>.`,
  );
}

/** The region in an ARN of Step Functions. */
export function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

/**
 * Finds the render workflow among the account's state machines by its name, which takes one permission,
 * `states:ListStateMachines`, and none on CloudFormation.
 *
 * @throws UsageError when there is none or more than one.
 */
export async function findStateMachine(sfn: SFNClient): Promise<string> {
  const names: string[] = [];
  const found: string[] = [];
  for await (const page of paginateListStateMachines({ client: sfn }, {})) {
    for (const { name = '', stateMachineArn = '' } of page.stateMachines ?? []) {
      names.push(name);
      if (name.includes(NAME_PART)) found.push(stateMachineArn);
    }
  }
  const [only, ...more] = found;
  const region = await sfn.config.region();
  if (only === undefined) {
    const others = names.length === 0 ? 'no state machine at all' : `only ${names.slice(0, 10).join(', ')}`;
    throw new UsageError(
      `There is no state machine with "${NAME_PART}" in its name in ${region}, ${others}. Is it the right region (--region) and account? ${GIVE_IT}`,
    );
  }
  if (more.length > 0) {
    throw new UsageError(
      `There are ${found.length} render workflows in ${region}. ${GIVE_IT}\n${found.map((arn) => `- ${arn}`).join('\n')}`,
    );
  }
  return only;
}

/** ARN of an execution that is given by its ARN, or by its name and its machine. */
export function executionArn(execution: string, stateMachineArn: string): string {
  if (execution.startsWith('arn:')) return execution;
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${execution}`;
}

/** The ARN of the machine of an execution. */
export function stateMachineOf(arn: string): string {
  return arn.replace(':execution:', ':stateMachine:').split(':').slice(0, 7).join(':');
}

/** The name of an execution or of a state machine. */
export function nameOf(arn: string): string {
  return arn.split(':').at(-1) ?? arn;
}
