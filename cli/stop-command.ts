import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { type ConnectOptions, connect, namedExecution } from './connect.ts';
import type { Display } from './display.ts';
import { nameOf } from './find-state-machine.ts';
import { stopExecution } from './watch-to-end.ts';

export interface StopOptions extends ConnectOptions {
  readonly json?: boolean;
}

/** Stops an execution that runs, by which its render is cancelled. Returns the exit status. */
export async function stopCommand(
  execution: string,
  options: StopOptions,
  display: Display,
): Promise<number> {
  const clients = connect(options, execution);
  const executionArn = await namedExecution(clients, options, execution);
  const { status } = await clients.sfn.send(
    new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }),
  );
  if (status === 'RUNNING') {
    await stopExecution(clients, executionArn);
    display.done(`Stopped ${nameOf(executionArn)}; its render is being cancelled.`);
  } else {
    display.note(`${nameOf(executionArn)} had ended already: ${status}.`);
  }
  if (options.json) {
    console.log(JSON.stringify({ executionArn, status: status === 'RUNNING' ? 'ABORTED' : status }));
  }
  return 0;
}
