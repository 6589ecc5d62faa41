import type { RenderClients } from '../render-clients.ts';
import type { OneMachineView } from './one-machine-view.ts';

/** What the page is of. */
export interface ConsoleOptions {
  readonly clients: RenderClients;
  readonly stateMachineArn: string;
  /**
   * Finds the state machine of batches whose rows this one renders: its ARN, undefined where there is none. Default:
   * none is looked for.
   *
   * @throws Error of the SDK, which the page tells of.
   */
  readonly findBatchMachine?: () => Promise<string | undefined>;
  /** An endpoint of one's own instead of AWS's, such as that of one machine. */
  readonly endpoint?: string;
  /** What there is on one machine alone. Default: nothing, as on AWS. */
  readonly machine?: OneMachineView;
  /**
   * Whether the page works for everybody on this computer, without the key in the link: for one machine, whose
   * endpoint does so too. Default false.
   */
  readonly isOpen?: boolean;
}
