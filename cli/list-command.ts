import {
  type ExecutionListItem,
  type ExecutionStatus,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type ConnectOptions, connect, machineArn } from './connect.ts';
import type { Display } from './display.ts';
import { describePlace, waitingLine } from './waiting-line.ts';

/** Executions in one answer of ListExecutions, at most. */
const PAGE_SIZE = 1000;

export interface ListOptions extends ConnectOptions {
  readonly limit: number;
  readonly status?: string;
  /** Only those that wait for their turn, in its order. */
  readonly waiting?: boolean;
  readonly json?: boolean;
}

/** Lists the newest executions on stdout, a line each. Returns the exit status. */
export async function listCommand(options: ListOptions, display: Display): Promise<number> {
  const clients = connect(options);
  const stateMachineArn = await machineArn(clients, options);
  if (options.waiting) return listWaiting(clients.sfn, stateMachineArn, options, display);
  const executions = await newestExecutions(clients.sfn, stateMachineArn, options);
  if (options.json) {
    console.log(
      JSON.stringify(
        executions.map(({ executionArn, name, status, startDate, stopDate }) => ({
          executionArn,
          name,
          status,
          startDate,
          stopDate,
        })),
      ),
    );
  } else if (executions.length === 0) {
    display.note('There are no executions.');
  } else {
    for (const execution of executions) console.log(describe(execution));
  }
  return 0;
}

async function listWaiting(
  sfn: SFNClient,
  stateMachineArn: string,
  { json }: ListOptions,
  display: Display,
): Promise<number> {
  const line = await waitingLine(sfn, stateMachineArn);
  if (json) console.log(JSON.stringify(line.map(({ ticket: _, ...execution }) => execution)));
  else if (line.length === 0) display.note('No render waits for its turn.');
  else
    for (const [index, { name, startDate }] of line.entries())
      console.log(`${describePlace(index, line.length)}  since ${asText(startDate)}  ${name}`);
  return 0;
}

async function newestExecutions(
  client: SFNClient,
  stateMachineArn: string,
  { limit, status }: ListOptions,
): Promise<ExecutionListItem[]> {
  const executions: ExecutionListItem[] = [];
  const pages = paginateListExecutions(
    { client, pageSize: Math.min(limit, PAGE_SIZE) },
    { stateMachineArn, ...(status && { statusFilter: status as ExecutionStatus }) },
  );
  for await (const page of pages) {
    executions.push(...(page.executions ?? []));
    if (executions.length >= limit) break;
  }
  return executions.slice(0, limit);
}

function describe({ name, status, startDate, stopDate }: ExecutionListItem): string {
  const seconds = ((stopDate?.getTime() ?? Date.now()) - (startDate?.getTime() ?? 0)) / 1000;
  return `${asText(startDate)}  ${(status ?? '').padEnd(9)}  ${`${seconds.toFixed(0)} s`.padStart(7)}  ${name}`;
}

function asText(date: Date | undefined): string {
  return date?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '';
}
