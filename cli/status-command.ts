import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { type ConnectOptions, connect, machineArn, namedExecution } from './connect.ts';
import type { Display } from './display.ts';
import { prepareTarget } from './fetch-video.ts';
import { nameOf } from './find-state-machine.ts';
import { lookAtExecution } from './follow-execution.ts';
import type { RenderClients } from './render-clients.ts';
import { describeAside, describeUpdate } from './show-execution.ts';
import { UsageError } from './usage-error.ts';
import { placeOf } from './waiting-line.ts';
import { watchCommand } from './watch-command.ts';
import { endDocument, showEnd } from './watch-execution.ts';

export interface StatusOptions extends ConnectOptions {
  readonly watch?: boolean;
  readonly download?: string;
  readonly json?: boolean;
}

/** Shows an execution, the newest one if none is named. Returns the exit status. */
export async function statusCommand(
  execution: string | undefined,
  options: StatusOptions,
  display: Display,
): Promise<number> {
  const { watch, download, json } = options;
  if (download !== undefined) prepareTarget(download);
  const clients = connect(options, execution);
  const executionArn = execution
    ? await namedExecution(clients, options, execution)
    : await newestExecution(clients, await machineArn(clients, options));
  if (watch) return watchCommand(clients, async () => executionArn, { display, ...options });

  const { execution: described, update, end } = await lookAtExecution(clients.sfn, executionArn);
  if (end) {
    const shown = await showEnd(clients, end, { display, ...(download && { target: download }) });
    if (json) console.log(JSON.stringify(endDocument(shown)));
    return end.status === 'SUCCEEDED' ? 0 : 1;
  }
  if (download !== undefined) {
    throw new UsageError(`${nameOf(executionArn)} is still running; --watch waits for its video.`);
  }
  const { state, progress, secondsLeft } = update;
  const place = state === 'AwaitTurn' ? await placeOf(clients.sfn, executionArn) : undefined;
  const line = [describeUpdate(update), describeAside({ ...update, ...(place && { place }) })]
    .filter(Boolean)
    .join('  ');
  display.note(
    `${nameOf(executionArn)} is running since ${described.startDate?.toLocaleString()}\n  ${line}`,
  );
  if (json) {
    const { status, startDate } = described;
    console.log(JSON.stringify({ executionArn, status, startDate, state, place, progress, secondsLeft }));
  }
  return 0;
}

async function newestExecution({ sfn }: RenderClients, stateMachineArn: string): Promise<string> {
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
  const [newest] = executions;
  if (newest?.executionArn) return newest.executionArn;
  throw new UsageError(`${nameOf(stateMachineArn)} has no executions yet.`);
}
