import { checkStateMachineArn, executionArn, findStateMachine, regionOf } from './find-state-machine.ts';
import { createRenderClients, type RenderClients } from './render-clients.ts';
import { UsageError } from './usage-error.ts';

/** Options that every command has. */
export interface ConnectOptions {
  readonly stateMachineArn?: string;
  readonly region?: string;
}

/**
 * Clients for the region that an ARN, the option or the environment names; else the SDK takes it from the
 * shared configuration files. It does not read AWS_DEFAULT_REGION, which the AWS CLI does.
 *
 * @throws UsageError when the ARN is none.
 */
export function connect(
  { stateMachineArn = machineOfEnvironment(), region }: ConnectOptions,
  execution = '',
) {
  if (stateMachineArn) checkStateMachineArn(stateMachineArn);
  if (execution.startsWith('arn:') && !/:states:[a-z0-9-]+:\d{12}:execution:[^:]+:[^:]+$/.test(execution)) {
    throw new UsageError(`${JSON.stringify(execution)} is not the ARN of an execution.`);
  }
  const arn = execution.startsWith('arn:') ? execution : stateMachineArn;
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const chosen = (arn && regionOf(arn)) || region || AWS_REGION || AWS_DEFAULT_REGION;
  return createRenderClients(chosen ? { region: chosen } : {});
}

/** The machine that was named, else the one that can be found. */
export async function machineArn({ sfn }: RenderClients, options: ConnectOptions): Promise<string> {
  return options.stateMachineArn ?? machineOfEnvironment() ?? (await findStateMachine(sfn));
}

/** The execution that was named by its ARN or by its name. */
export async function namedExecution(
  clients: RenderClients,
  options: ConnectOptions,
  execution: string,
): Promise<string> {
  if (execution.startsWith('arn:')) return execution;
  return executionArn(execution, await machineArn(clients, options));
}

function machineOfEnvironment(): string | undefined {
  return process.env.STATE_MACHINE_ARN || undefined;
}
