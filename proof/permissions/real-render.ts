import { SFNClient } from '@aws-sdk/client-sfn';
import { followExecution } from '../../cli/follow-execution.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import type { LoggedCall } from '../../local/aws.ts';
import { launch } from '../../local/launch.ts';
import { describeEnd, notDelivered } from './scenario.ts';

/** What was asked of IAM while Remotion's own function rendered. */
export interface RealRender {
  readonly failure: string | undefined;
  readonly calls: readonly LoggedCall[];
}

/** Renders a second of the example with Remotion's own function, under the same policies. */
export async function renderForReal(): Promise<RealRender> {
  const machine = await launch();
  try {
    const sfn = new SFNClient(machine.clientConfig);
    const inputProps = { durationInSeconds: 1 };
    const render = { composition: 'HelloWorld', codec: 'h264', inputProps, framesPerLambda: 30, scale: 0.25 };
    const executionArn = await startByRequest(sfn, machine.stack.outputs.StateMachineArn ?? '', { render });
    const end = await followExecution(sfn, executionArn, () => {});
    return { failure: notDelivered(end) && describeEnd(end), calls: [...machine.calls] };
  } finally {
    await machine.stop();
  }
}
