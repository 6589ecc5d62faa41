import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { stateMachineOf } from './find-state-machine.ts';

/** A render that waits for its turn. */
export interface WaitingExecution {
  readonly executionArn: string;
  readonly name: string;
  readonly startDate?: Date;
  /** Ids of tickets in their order are the line. */
  readonly ticket: string;
}

/** Events behind which nothing has come while an execution waits. */
const LAST_EVENTS = 5;

/** Histories that are asked for at once. */
const AT_ONCE = 10;

/** The executions that wait for their turn, in the order in which they get it. Asks for the history of all that run. */
export async function waitingLine(sfn: SFNClient, stateMachineArn: string): Promise<WaitingExecution[]> {
  const line: WaitingExecution[] = [];
  const pages = paginateListExecutions(
    { client: sfn, pageSize: 1000 },
    { stateMachineArn, statusFilter: 'RUNNING' },
  );
  for await (const { executions = [] } of pages)
    for (let i = 0; i < executions.length; i += AT_ONCE) {
      const looked = executions
        .slice(i, i + AT_ONCE)
        .map(async ({ executionArn = '', name = '', startDate }) => {
          const ticket = await findTicket(sfn, executionArn);
          return ticket === undefined
            ? []
            : [{ executionArn, name, ...(startDate && { startDate }), ticket }];
        });
      line.push(...(await Promise.all(looked)).flat());
    }
  return line.sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
}

/** The ticket of an execution that waits; undefined for one that does not, or not any more. */
async function findTicket(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({
      executionArn,
      reverseOrder: true,
      maxResults: LAST_EVENTS,
      includeExecutionData: true,
    }),
  );
  const [last] = events;
  return last && ticketOf(last);
}

/** The ticket of which an event tells: as long as none follows it, its execution waits for its turn. */
export function ticketOf({ type, taskSubmittedEventDetails: details }: HistoryEvent): string | undefined {
  if (type !== 'TaskSubmitted' || details?.resource !== 'invoke.waitForTaskToken') return undefined;
  return JSON.parse(details.output ?? '{}').Payload?.ticket;
}

/** `waiting, 7th of 12`; undefined for an execution whose turn has come, and for those who may not list executions. */
export async function placeOf(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  const line = await waitingLine(sfn, stateMachineOf(executionArn)).catch(() => []);
  const index = line.findIndex((each) => each.executionArn === executionArn);
  return index < 0 ? undefined : describePlace(index, line.length);
}

/** `waiting, 7th of 12`. */
export function describePlace(index: number, length: number): string {
  return `waiting, ${ordinal(index + 1)} of ${length}`;
}

function ordinal(n: number): string {
  const suffix = { one: 'st', two: 'nd', few: 'rd' }[
    new Intl.PluralRules('en', { type: 'ordinal' }).select(n) as string
  ];
  return `${n}${suffix ?? 'th'}`;
}
