import { paginateListStateMachines, type SFNClient } from '@aws-sdk/client-sfn';
import { UsageError } from './usage-error.ts';

/** What the names of the state machines have in every stack whose construct has the id that ours has. */
const KINDS = {
  workflow: {
    name: /RenderWorkflow(?!.*RenderBatch)/,
    what: 'state machine with "RenderWorkflow" in its name',
    several: 'render workflows',
    giveIt:
      'Give the one to use with --state-machine-arn or in STATE_MACHINE_ARN (the stack\'s output "StateMachineArn").',
  },
  batch: {
    name: /RenderBatch/,
    what: 'state machine with "RenderBatch" in its name (-c renderBatch=true)',
    several: 'batch workflows',
    giveIt:
      'Give the one to use with --state-machine-arn or in BATCH_STATE_MACHINE_ARN (the stack\'s output "BatchStateMachineArn").',
  },
} as const;

/** The state machine that renders a request, or the one that renders tables. */
export type MachineKind = keyof typeof KINDS;

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
 * Finds the render workflow, or that of batches, among the account's state machines by its name, which takes one permission,
 * `states:ListStateMachines`, and none on CloudFormation.
 *
 * @throws UsageError when there is none or more than one.
 */
export async function findStateMachine(sfn: SFNClient, kind: MachineKind = 'workflow'): Promise<string> {
  const { what, several, giveIt } = KINDS[kind];
  const { names, found } = await listStateMachines(sfn, kind);
  const [only, ...more] = found;
  const region = await sfn.config.region();
  if (only === undefined) {
    const others = names.length === 0 ? 'no state machine at all' : `only ${names.slice(0, 10).join(', ')}`;
    throw new UsageError(
      `There is no ${what} in ${region}, ${others}. Is it the right region (--region) and account? ${giveIt}`,
    );
  }
  if (more.length > 0) {
    throw new UsageError(
      `There are ${found.length} ${several} in ${region}. ${giveIt}\n${found.map((arn) => `- ${arn}`).join('\n')}`,
    );
  }
  return only;
}

/** ARNs of the state machines whose names say that they are of a kind, beside the names of all. */
export async function listStateMachines(
  sfn: SFNClient,
  kind: MachineKind,
): Promise<{ names: string[]; found: string[] }> {
  const names: string[] = [];
  const found: string[] = [];
  for await (const page of paginateListStateMachines({ client: sfn }, {})) {
    for (const { name = '', stateMachineArn = '' } of page.stateMachines ?? []) {
      names.push(name);
      if (KINDS[kind].name.test(name)) found.push(stateMachineArn);
    }
  }
  return { names, found };
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
