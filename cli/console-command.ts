import { batchMachineOf } from './batch-machine.ts';
import { type ConnectOptions, connect, machineArn } from './connect.ts';
import { startConsoleServer } from './console/console-server.ts';
import type { Display } from './display.ts';
import { listenForInterruption } from './interruption.ts';
import { UsageError } from './usage-error.ts';

export interface ConsoleCommandOptions extends ConnectOptions {
  readonly port: number;
  readonly json?: boolean;
}

/** Serves the page until Ctrl-C. Returns the exit status. */
export async function consoleCommand(options: ConsoleCommandOptions, display: Display): Promise<number> {
  const { port, json } = options;
  const clients = connect(options);
  const stateMachineArn = await machineArn(clients, options);
  const endpoint = process.env.AWS_ENDPOINT_URL || undefined;
  const interruption = listenForInterruption();
  const server = await startConsoleServer(
    {
      clients,
      stateMachineArn,
      findBatchMachine: async () =>
        process.env.BATCH_STATE_MACHINE_ARN || (await batchMachineOf(clients.sfn, stateMachineArn))?.arn,
      ...(endpoint && { endpoint }),
    },
    port,
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new UsageError(`--port: ${port} is in use; choose another, or 0 for any free one.`);
  });
  display.done(
    `Open ${server.url}\n  The link is the key to the page: who has it acts with this shell's role.`,
  );
  if (json) console.log(JSON.stringify({ url: server.url }));
  display.note('Ctrl-C ends it; renders go on.');
  const { signal } = interruption;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await server.stop();
  interruption.stopListening();
  return interruption.exitStatus;
}
