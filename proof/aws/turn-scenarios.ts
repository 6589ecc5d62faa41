import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import type { Register } from '../../functions/turns/register.ts';
import { delivered, failedWith } from './delivered.ts';
import type { Scenario } from './scenario.ts';
import { SLOW, SMALL, type Verification } from './verification.ts';
import { RENDERS_AT_ONCE } from './verification-context.ts';

/** Renders in the scenario of the line, of which the last have to wait. */
const RENDERS = 5;

/** Between two starts, so that their order is known. */
const APART_IN_MS = 3_000;

/** How late a call may be by which another one, that came later, was called first. */
const AT_THE_SAME_TIME_IN_MS = 1_500;

/** The sweep comes every minute, and looks at what is younger than that later. */
const SWEPT_WITHIN_IN_SECONDS = 300;

/** What is reserved holds after a moment: belief. */
const RESERVED_WITHIN_IN_MS = 5_000;

/** That renders wait for their turn, and that what was left behind is found. */
export const TURN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'no more renders run at once than may, in the order in which they came',
    async run(on, jobId) {
      const executions: string[] = [];
      let most = 0;
      let isOver = false;
      const watching = (async () => {
        while (!isOver) {
          most = Math.max(most, (await turnsOf(on)).places.length);
          await sleep(500);
        }
      })();
      try {
        for (let i = 0; i < RENDERS; i += 1) {
          executions.push(await on.start({ jobId: `${jobId}-${i}`, render: SMALL }));
          await sleep(APART_IN_MS);
        }
        for (const arn of executions) delivered(await on.end(arn));
      } finally {
        isOver = true;
        await watching;
      }
      if (most > RENDERS_AT_ONCE) throw new Error(`${most} had a place at once`);
      const called = await Promise.all(executions.map((arn) => calledAt(on, arn)));
      for (const [i, at] of called.entries())
        if (called.slice(i + 1).some((later) => later < at - AT_THE_SAME_TIME_IN_MS))
          throw new Error(`number ${i + 1} was called after one that had come later`);
      return `${RENDERS} in their order, ${most} at once`;
    },
  },
  {
    name: 'an execution that is stopped while it waits leaves the line, and one that renders frees its place',
    async run(on, jobId) {
      const start = (name: string) => on.start({ jobId: `${jobId}-${name}`, render: SLOW });
      const seen = (what: string, isSo: (turns: Turns) => boolean) =>
        on.eventually(what, async () => isSo(await turnsOf(on)) || undefined);
      const holders = (turns: Turns) => turns.places.map((place) => place.jobId);
      const running = [await start('a'), await start('b')];
      await seen('two places', ({ places }) => places.length === 2);
      const waiting = await start('c');
      await seen('a ticket', ({ tickets }) => tickets === 1);
      await on.stop(waiting);
      await seen('no ticket', ({ tickets }) => tickets === 0);
      const next = await start('d');
      await seen('the next ticket', ({ tickets }) => tickets === 1);
      await on.stop(running[0] as string);
      await seen('the place of the next', (turns) => holders(turns).includes(`${jobId}-d`));
      for (const arn of [running[1] as string, next]) await on.stop(arn);
      await seen('no place', ({ places }) => places.length === 0);
      return 'the line is left at once, and the place given on';
    },
  },
  {
    name: 'the sweep takes back a place that an ended execution holds',
    async run(on, jobId) {
      const end = await on.render({ jobId, render: SMALL });
      delivered(end);
      const { prefix } = await turnsOf(on);
      const since = Date.now();
      const place = { ticket: 'left-behind', executionArn: end.executionArn, jobId, since, takenAt: since };
      const register: Register = { version: 1, places: [place] };
      await on.s3.send(
        new PutObjectCommand({
          Bucket: on.output('RemotionBucketName'),
          Key: `${prefix}register.json`,
          Body: JSON.stringify(register),
        }),
      );
      await on.eventually(
        'a free place',
        async () => (await turnsOf(on)).places.length === 0 || undefined,
        SWEPT_WITHIN_IN_SECONDS,
      );
      return `after ${Math.round((Date.now() - since) / 1000)} s`;
    },
  },
  {
    name: 'a render for which Lambda has no capacity waits, and ends by name',
    async run(on, jobId) {
      const FunctionName = on.output('RemotionFunctionName');
      // The main function has room, those that it needs do not.
      await on.lambda.send(
        new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }),
      );
      try {
        await sleep(RESERVED_WITHIN_IN_MS);
        const request = { jobId, render: { ...SMALL, maxRetries: 0 }, startTimeoutInSeconds: 20 };
        failedWith(await on.render(request), 'RenderThrottled');
      } finally {
        await on.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      }
      await sleep(RESERVED_WITHIN_IN_MS);
      delivered(await on.render({ jobId, render: { ...SMALL, maxRetries: 0 } }));
      return 'RenderThrottled; delivered once there is capacity';
    },
  },
];

interface Turns {
  readonly prefix: string;
  readonly places: Register['places'];
  /** How many wait. */
  readonly tickets: number;
}

/** The register of the stack's workflow, which alone uses the bucket. */
async function turnsOf(on: Verification): Promise<Turns> {
  const Bucket = on.output('RemotionBucketName');
  const { CommonPrefixes = [] } = await on.s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'render-workflows/', Delimiter: '/' }),
  );
  const prefix = `${CommonPrefixes[0]?.Prefix ?? ''}turns/`;
  const [register, { KeyCount = 0 }] = await Promise.all([
    on.read<Register>(`${prefix}register.json`),
    on.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}waiting/` })),
  ]);
  return { prefix, places: register?.places ?? [], tickets: KeyCount };
}

/** When an execution went on after it had waited, in milliseconds since 1970. */
async function calledAt({ sfn }: Verification, executionArn: string): Promise<number> {
  const pages = paginateGetExecutionHistory({ client: sfn }, { executionArn, includeExecutionData: false });
  for await (const { events = [] } of pages)
    for (const { type, stateExitedEventDetails: exited, timestamp } of events)
      if (type === 'TaskStateExited' && exited?.name === 'AwaitTurn') return timestamp?.getTime() ?? 0;
  throw new Error('an execution never waited for its turn');
}
