import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { failedWith } from './delivered.ts';
import type { Scenario } from './scenario.ts';
import { SLOW } from './verification.ts';

/** That a stopped execution's render stops, by the event of its end. */
export const STOP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a stopped execution has its render cancelled, and stays so when it is redriven',
    async run(on, jobId) {
      const executionArn = await on.start({ jobId, render: SLOW });
      const { detail: started } = await on.told('Render Started', jobId);
      const progressKey = `renders/${started.renderId}/progress.json`;
      await on.eventually('the progress of the render', () => on.read(progressKey));
      await on.stop(executionArn);
      await on.end(executionArn);
      const { detail } = await on.told('Render Cancelled', jobId);
      if (detail.outcome !== 'Cancelled') throw new Error(`the event says: ${detail.outcome}`);
      await on.sfn.send(new RedriveExecutionCommand({ executionArn }));
      failedWith(await on.end(executionArn), 'RenderCancelled');
      return 'Cancelled by the event; redriven, RenderCancelled';
    },
  },
];
