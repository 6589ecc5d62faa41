import type { ObservedCall } from '../faults/fault-kind.ts';
import {
  claimState,
  comesIntoQueue,
  describeEnd,
  endOf,
  eventually,
  isRendering,
  isStart,
  isToldOf,
  large,
  leaveClaimAsFormer,
  notCancelled,
  requestOf,
  type Scenario,
  start,
  stop,
} from './scenario.ts';

/** A render that takes long enough to be stopped. */
const SLOW = { seconds: 100 };

/** What becomes of renders that end in another way, and who is told of an end. */
export const END_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a render that fails',
    async run(machine, jobId) {
      const end = await endOf(machine, await start(machine, requestOf(jobId, { failAtPercent: 50 })));
      if (end.error !== 'RenderFailed') return describeEnd(end);
      if (end.cause?.includes('could not be cancelled'))
        return `${describeEnd(end)}, and may still be running`;
      const failed = await eventually(async () => (await claimState(machine, jobId)) === 'failed');
      return failed ? undefined : 'its claim says nothing of that, so that nobody can try again';
    },
  },
  {
    name: 'an execution that is stopped',
    async run(machine, jobId) {
      const executionArn = await start(machine, requestOf(jobId, SLOW));
      await eventually(() => isRendering(machine, jobId));
      await stop(machine, executionArn);
      await eventually(async () => (await claimState(machine, jobId)) === 'failed');
      return notCancelled(machine, jobId);
    },
  },
  {
    name: 'an execution is stopped whose input is too large for the event',
    async run(machine, jobId) {
      const executionArn = await start(machine, large(requestOf(jobId, SLOW)));
      await eventually(() => isRendering(machine, jobId));
      await stop(machine, executionArn);
      return notCancelled(machine, jobId);
    },
  },
  {
    name: 'an execution that is stopped while its start has no answer',
    run(machine, jobId) {
      let executionArn = '';
      const stopAndLose = (call: ObservedCall) => {
        if (!isStart(call)) return undefined;
        void stop(machine, executionArn);
        return 'reset-after' as const;
      };
      return machine.withFaults(stopAndLose, async () => {
        executionArn = await start(machine, requestOf(jobId, SLOW));
        return notCancelled(machine, jobId);
      });
    },
  },
  {
    name: 'an execution that version 0.1.0 has claimed the job for is stopped',
    async run(machine, jobId) {
      const executionArn = await start(machine, requestOf(jobId, SLOW));
      await eventually(() => isRendering(machine, jobId));
      await leaveClaimAsFormer(machine, jobId);
      await stop(machine, executionArn);
      return notCancelled(machine, jobId);
    },
  },
  {
    name: 'a stopped execution for which CancelRender cannot be invoked is kept',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller, name }) =>
          caller === 'EventBridge' && name === 'CancelRender' ? 'access-denied' : undefined,
        async () => {
          const executionArn = await start(machine, requestOf(jobId, SLOW));
          await stop(machine, executionArn);
          const kept = await comesIntoQueue(machine, /ExecutionStoppedDeadLetters/, jobId);
          return kept ? undefined : 'the event is lost';
        },
      ),
  },
  {
    name: 'a stopped execution whose render CancelRender fails to cancel is kept',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller }) => (caller === 'CancelRender' ? 'internal-error' : undefined),
        async () => {
          const executionArn = await start(machine, requestOf(jobId, SLOW));
          await stop(machine, executionArn);
          const kept = await comesIntoQueue(machine, /ExecutionStoppedDeadLetters/, jobId);
          return kept ? undefined : 'the event is lost';
        },
      ),
  },
  {
    name: 'a consumer of events is told that a render has succeeded',
    async run(machine, jobId) {
      await endOf(machine, await start(machine, requestOf(jobId)));
      if (!(await isToldOf(machine, jobId, 'Render Succeeded'))) return 'nobody is told of the video';
    },
  },
  {
    name: 'a consumer of events is told that a render has failed',
    async run(machine, jobId) {
      await endOf(machine, await start(machine, requestOf(jobId, { failAtPercent: 50 })));
      if (!(await isToldOf(machine, jobId, 'Render Failed'))) return 'nobody is told of the failure';
    },
  },
  {
    name: 'a consumer of events is told that a render has started, and that it was cancelled',
    async run(machine, jobId) {
      const executionArn = await start(machine, requestOf(jobId, SLOW));
      if (!(await isToldOf(machine, jobId, 'Render Started'))) return 'nobody is told of the start';
      await stop(machine, executionArn);
      if (!(await isToldOf(machine, jobId, 'Render Cancelled'))) return 'nobody is told of the cancel';
    },
  },
];
