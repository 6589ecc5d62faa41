import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { EMPTY_REGISTER, type Place } from '../../functions/turns/register.ts';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import { emptyTurns, MOST_RENDERS, type ProofMachine, ticketKeys } from './proof-machine.ts';
import {
  describeEnd,
  endOf,
  eventually,
  isRendering,
  notDelivered,
  requestOf,
  type Scenario,
  start,
  stop,
} from './scenario.ts';

const MINUTE = 60_000;

/** A render that takes long enough to be stopped. */
const SLOW = { seconds: 100 };

/** How renders wait for their turn, and what the sweep finds. */
export const TURN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a render that waits for its turn gets the place of one that is finished',
    run: (machine, jobId) =>
      withPlaces(machine, 1, async () => {
        const first = await start(machine, requestOf(jobId, SLOW));
        if (!(await eventually(() => isRendering(machine, jobId)))) return 'the first render does not start';
        if ((await tickets(machine)) > 0) return 'the ticket of the first is still there';
        const second = await start(machine, requestOf(`${jobId}-second`, SLOW));
        await eventually(async () => (await tickets(machine)) === 1);
        const renders = machine.remotion.renders.filter(({ job }) => job.startsWith(jobId)).length;
        if (renders > 1) return 'the second does not wait';
        const failure = notDelivered(await endOf(machine, first)) ?? (await notCalled(machine, jobId));
        const later = await notDeliveredInTime(machine, second);
        return failure ?? later;
      }),
  },
  {
    name: 'a render that waits for its turn gets the place of one that was stopped',
    run: (machine, jobId) =>
      withPlaces(machine, 1, async () => {
        const first = await start(machine, requestOf(jobId, SLOW));
        await eventually(() => isRendering(machine, jobId));
        const second = await start(machine, requestOf(`${jobId}-second`, SLOW));
        await eventually(async () => (await tickets(machine)) === 1);
        await stop(machine, first);
        const failure = await notCalled(machine, jobId);
        const later = await notDeliveredInTime(machine, second);
        return failure ?? later;
      }),
  },
  {
    name: 'the sweep gives on a place that was not given back',
    run: (machine, jobId) =>
      withPlaces(machine, 1, () =>
        machine.withFaults(
          ({ caller, name }) =>
            caller === 'GetRenderProgress' && name.startsWith('PutObject register')
              ? 'access-denied'
              : undefined,
          async () => {
            const first = await endOf(machine, await start(machine, requestOf(jobId)));
            const second = await start(machine, requestOf(`${jobId}-second`, SLOW));
            await eventually(async () => (await tickets(machine)) === 1);
            machine.runSchedules();
            const rendering = await eventually(() => isRendering(machine, `${jobId}-second`));
            const left = await tickets(machine);
            await stop(machine, second);
            return notDelivered(first) ?? (rendering && left === 0 ? undefined : 'the second is not called');
          },
        ),
      ),
  },
  {
    name: 'the sweep sends a render away that has waited for as long as it may',
    run: (machine, jobId) =>
      withPlaces(machine, 0, async () => {
        const executionArn = await start(machine, { ...requestOf(jobId), startTimeoutInSeconds: 60 });
        await sleep(2 * MINUTE);
        machine.runSchedules();
        const ended = await eventually(async () => (await statusOf(machine, executionArn)) !== 'RUNNING');
        if (!ended) await stop(machine, executionArn);
        const end = await endOf(machine, executionArn);
        if (end.error !== 'RenderThrottled') return describeEnd(end);
        return (await tickets(machine)) === 0 ? undefined : 'its ticket is still there';
      }),
  },
  {
    name: 'the sweep takes the ticket out of the line of an execution whose stop no event told',
    run: (machine, jobId) =>
      withPlaces(machine, 0, () =>
        withoutEvents(machine, async () => {
          const executionArn = await start(machine, requestOf(jobId));
          await eventually(async () => (await tickets(machine)) === 1);
          await stop(machine, executionArn);
          machine.runSchedules();
          const gone = await eventually(async () => (await tickets(machine)) === 0);
          return gone ? undefined : 'its ticket is still there';
        }),
      ),
  },
  {
    name: 'the sweep has the render cancelled of an execution whose stop no event told, also where it has no place',
    run: (machine, jobId) =>
      withPlaces(machine, 0, () =>
        withoutEvents(machine, async () => {
          const executionArn = await start(machine, requestOf(jobId, SLOW));
          const begun = Date.now();
          await sleep(4 * MINUTE);
          await leavePlaces(machine, MOST_RENDERS - 1);
          machine.runSchedules();
          await eventually(() => isRendering(machine, jobId));
          await stop(machine, executionArn);
          await emptyTurns(machine);
          await sleep(1.1 * MINUTE);
          if (!isRendering(machine, jobId)) return 'the render has ended before';
          machine.runSchedules();
          await sleep(5_000);
          const status = machine.remotion.renders.find(({ job }) => job === jobId)?.status;
          if (status !== 'cancelled') return `the render ended ${status}`;
          return (await sweptAt(machine)) > begun ? undefined : 'the sweep forgets what has run';
        }),
      ),
  },
  {
    name: 'the sweep leaves an execution alone that was stopped when its render was finished',
    run: (machine, jobId) =>
      withoutEvents(machine, async () => {
        const executionArn = await start(machine, requestOf(jobId));
        const isFinished = () =>
          machine.remotion.renders.some(({ job, status }) => job === jobId && status === 'finished');
        for (let i = 0; !isFinished() && i < 6_000; i += 1) await sleep(10);
        await stop(machine, executionArn);
        await sleep(1.1 * MINUTE);
        const { length } = machine.calls;
        machine.runSchedules();
        await sleep(5_000);
        const calls = machine.calls
          .slice(length)
          .filter(({ principal }) => principal.includes('SweepRenders'));
        if (!calls.some(({ resource }) => resource.includes(`/${jobId}.json`))) return 'it was not looked at';
        return calls.some(({ action }) => action === 'lambda:InvokeFunction') ? 'it is cancelled' : undefined;
      }),
  },
];

/** Runs something while so many places are free, and leaves all of them free. */
async function withPlaces(
  machine: ProofMachine,
  free: number,
  run: () => Promise<string | undefined>,
): Promise<string | undefined> {
  await emptyTurns(machine);
  await leavePlaces(machine, MOST_RENDERS - free);
  try {
    return await run();
  } finally {
    await emptyTurns(machine);
  }
}

/** So many places are those of others. */
async function leavePlaces(machine: ProofMachine, length: number): Promise<void> {
  // Of executions that nobody knows, but that may have begun a moment ago.
  const since = Date.now() + 86_400_000;
  const others = Array.from({ length }, (_, i): Place => {
    const executionArn = `${machine.stateMachineArn.replace(':stateMachine:', ':execution:')}:other-${i}`;
    return { ticket: `other-${i}`, executionArn, jobId: `other-${i}`, since, takenAt: since };
  });
  const Key = `${machine.turnsPrefix}register.json`;
  const Body = JSON.stringify({ ...EMPTY_REGISTER, places: others });
  await machine.administrator.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body }));
}

const tickets = async (machine: ProofMachine): Promise<number> => (await ticketKeys(machine)).length;

/** When the last sweep was, in milliseconds since 1970. */
async function sweptAt({ administrator, turnsPrefix }: ProofMachine): Promise<number> {
  const Key = `${turnsPrefix}last-sweep.json`;
  const { Body } = await administrator.s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key }));
  return JSON.parse((await Body?.transformToString()) ?? '').at;
}

/** No event tells of the end of an execution. */
function withoutEvents<T>(machine: ProofMachine, run: () => Promise<T>): Promise<T> {
  return machine.withFaults(
    ({ caller, name }) => (caller === 'EventBridge' && name === 'CancelRender' ? 'access-denied' : undefined),
    run,
  );
}

async function statusOf({ administrator }: ProofMachine, executionArn: string): Promise<string | undefined> {
  return (await administrator.sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
}

/** What is wrong with the second render of a job, whose turn has come. */
async function notCalled(machine: ProofMachine, jobId: string): Promise<string | undefined> {
  if (!(await eventually(() => isRendering(machine, `${jobId}-second`)))) return 'the second is not called';
  return (await tickets(machine)) === 0 ? undefined : 'the ticket of the second is still there';
}

/** What is wrong with an execution that should succeed in time; it is stopped then. */
async function notDeliveredInTime(machine: ProofMachine, executionArn: string): Promise<string | undefined> {
  const ended = await eventually(async () => (await statusOf(machine, executionArn)) !== 'RUNNING');
  if (!ended) await stop(machine, executionArn);
  return notDelivered(await endOf(machine, executionArn));
}
