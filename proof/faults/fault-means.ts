import type { AwsResponse } from '../../local/aws.ts';

/** What a fault may use to do its harm. */
export interface FaultMeans<Answer = AwsResponse> {
  /** Lets the call take effect. */
  readonly next: () => Promise<Answer>;
  /** Lets the caller wait, in milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly killCaller: () => void;
  readonly stopExecution: () => void;
  readonly repeatRequest: () => void;
  /** Puts somebody else's object where the video is to go. */
  readonly takeDestination: () => Promise<void>;
}
