import { PutObjectCommand } from '@aws-sdk/client-s3';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import {
  describeEnd,
  endOf,
  isStart,
  leaveClaimAsFormer,
  notDelivered,
  requestOf,
  type Scenario,
  start,
} from './scenario.ts';

/** How a job's render is started, once. */
export const START_SCENARIOS: readonly Scenario[] = [
  {
    name: 'props by inputPropsUri',
    async run(machine, jobId) {
      const Key = `input-props/${jobId}.json`;
      const Body = JSON.stringify({ job: jobId });
      await machine.administrator.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body }));
      const props = { inputProps: undefined, inputPropsUri: `s3://${REMOTION_BUCKET}/${Key}` };
      return notDelivered(await endOf(machine, await start(machine, requestOf(jobId, {}, props))));
    },
  },
  {
    name: 'props that are too large for an invocation',
    async run(machine, jobId) {
      const props = { inputProps: { job: jobId, text: 'x'.repeat(210_000) } };
      return notDelivered(await endOf(machine, await start(machine, requestOf(jobId, {}, props))));
    },
  },
  {
    name: 'a job that is asked for twice is rendered once',
    async run(machine, jobId) {
      const both = await Promise.all([1, 2].map(() => start(machine, requestOf(jobId))));
      const ends = await Promise.all(both.map((executionArn) => endOf(machine, executionArn)));
      const renders = machine.remotion.renders.filter(({ job }) => job === jobId).length;
      if (renders !== 1) return `it was rendered ${renders} times`;
      return ends.map(notDelivered).find((failure) => failure !== undefined);
    },
  },
  {
    name: 'a job that version 0.1.0 has rendered is not rendered again',
    async run(machine, jobId) {
      const first = await endOf(machine, await start(machine, requestOf(jobId)));
      await leaveClaimAsFormer(machine, jobId);
      const second = await endOf(machine, await start(machine, requestOf(jobId)));
      const renders = machine.remotion.renders.filter(({ job }) => job === jobId).length;
      if (renders !== 1) return `it was rendered ${renders} times`;
      return notDelivered(first) ?? notDelivered(second);
    },
  },
  {
    name: 'a job whose failed render was not cancelled is rendered anew',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller }) => (caller === 'CancelRender' ? 'internal-error' : undefined),
        async () => {
          const request = requestOf(jobId, [{ failAtPercent: 50 }, {}]);
          const first = await endOf(machine, await start(machine, request));
          if (first.status !== 'FAILED') return describeEnd(first);
          return notDelivered(await endOf(machine, await start(machine, request)));
        },
      ),
  },
  {
    name: 'a job whose render is complete, but has lost its last progress, is joined',
    async run(machine, jobId) {
      const request = requestOf(jobId, { losesLastProgress: true });
      const first = await endOf(machine, await start(machine, request));
      return notDelivered(first) ?? notDelivered(await endOf(machine, await start(machine, request)));
    },
  },
  {
    name: 'a start that is throttled at first',
    run(machine, jobId) {
      let starts = 0;
      return machine.withFaults(
        (call) => (isStart(call) && ++starts <= 2 ? 'throttled' : undefined),
        async () => notDelivered(await endOf(machine, await start(machine, requestOf(jobId)))),
      );
    },
  },
  {
    name: 'a start whose answer is lost',
    run: (machine, jobId) =>
      machine.withFaults(
        (call) => (isStart(call) ? 'reset-after' : undefined),
        async () => notDelivered(await endOf(machine, await start(machine, requestOf(jobId)))),
      ),
  },
];
