/** What a name of an error means, and what the person who reads it can do. */
interface WorkflowErrorDescription {
  /** When it happens. */
  readonly meaning: string;
  /** What it leaves behind. */
  readonly leaves: string;
  readonly remedy: string;
  /** Whether the same request, sent again as it is, can succeed. */
  readonly retryable: boolean;
}

/** How the workflow can fail, by the name that Retry, Catch, the console and the caller see. */
export const WORKFLOW_ERRORS = {
  InvalidRenderRequest: {
    meaning: 'The request is wrong.',
    leaves: 'Nothing; no render was started.',
    remedy: 'Correct the fields that the message names and send the request again.',
    retryable: false,
  },
  DuplicateRenderRequest: {
    meaning: 'Another request has used the same jobId.',
    leaves: 'Nothing; the other render is not touched.',
    remedy: 'Give the request a jobId of its own.',
    retryable: false,
  },
  RenderNotStarted: {
    meaning:
      "The start was refused: by Lambda, by Remotion, because the claim of the job could not be written, or because the job's cancelled render was not seen to stop.",
    leaves: 'Nothing; no render was started.',
    remedy:
      'Check that the Remotion function exists and has the version of this deployment (npx remotion lambda functions ls), then send the request again.',
    retryable: true,
  },
  RenderThrottled: {
    meaning:
      "Within the request's startTimeoutInSeconds the render's turn did not come (maxConcurrentRenders), or Lambda had no capacity free for the start or for a function of the render.",
    leaves: 'Perhaps the files of renders that have ended so; none is running.',
    remedy:
      'Send the request again later or with a longer startTimeoutInSeconds, give the render fewer functions (higher framesPerLambda), or raise the concurrency quota of the account (npx remotion lambda quotas), and with it maxConcurrentRenders.',
    retryable: true,
  },
  StartOutcomeUnknown: {
    meaning: 'The answer to the start was lost, and no render of the job could be found.',
    leaves: 'Perhaps a running render, which nobody waits for.',
    remedy:
      'Look for a render of this job among the newest folders under renders/ in the Remotion bucket. If there is none, send the request with another jobId; with the same one the workflow only looks again, so as not to pay for a second render.',
    retryable: false,
  },
  RenderFailed: {
    meaning: 'Remotion gave the render up.',
    leaves: "The render's files in the Remotion bucket.",
    remedy:
      'Read the message and the logs, correct the request or the composition, and send the request again; the jobId may stay the same.',
    retryable: true,
  },
  RenderTimedOut: {
    meaning: 'The render never got going, or outlived the time that its function has. It was cancelled.',
    leaves: "The render's files in the Remotion bucket.",
    remedy:
      'Give the render more functions (lower framesPerLambda) or deploy a Remotion function with a longer timeout, and send the request again.',
    retryable: true,
  },
  RenderCancelled: {
    meaning: 'The render was cancelled, because an execution of its job was stopped or by hand.',
    leaves: "The render's files in the Remotion bucket.",
    remedy: 'Send the request again in a new execution if the video is still wanted.',
    retryable: true,
  },
  RenderOverBudget: {
    meaning:
      'The render had cost more than its maxCostInUsd, by the estimate of Remotion, before it was finished. It was cancelled.',
    leaves: "The render's files in the Remotion bucket; what it has cost is spent.",
    remedy:
      'Make the render cheaper (a simpler composition, fewer frames) or send the request again with a higher maxCostInUsd; the jobId may stay the same.',
    retryable: false,
  },
  RenderProgressUnavailable: {
    meaning:
      "The render's progress could not be read, also after all retries. The render was cancelled if it still ran.",
    leaves: "The render's files in the Remotion bucket.",
    remedy:
      'Check that the role of GetRenderProgress may read renders/ in the Remotion bucket and that the bucket can be reached, then send the request again.',
    retryable: true,
  },
  DestinationExists: {
    meaning: 'Another object is at the destination.',
    leaves:
      'That object as it was. No render where it was there before the render; else the finished video in the Remotion bucket.',
    remedy:
      'Send the request again after removing the object, which copies the finished video, if there is one, without a new render; or, with a new jobId, with another destination.key or with destination.overwrite.',
    retryable: false,
  },
  VideoNotCopied: {
    meaning:
      'The video is finished but could not be copied, also after all retries; or it is finished and the answer to its start was lost.',
    leaves:
      'The finished video in the Remotion bucket; at the destination nothing, or the whole video if only the answer to the copy was lost.',
    remedy:
      'Check that the destination bucket exists and that the role of CopyToBucket may write to it, then send the request again with the same jobId: the finished video is copied without a new render.',
    retryable: true,
  },
} as const satisfies Record<string, WorkflowErrorDescription>;

/** Ends the message of a failure that the same request would have again: then it is not `retryable`. */
export const FAILS_AGAIN = 'The same request will fail again.';

export type WorkflowErrorName = keyof typeof WORKFLOW_ERRORS;

/**
 * Errors before a render that the state machine answers with another attempt and that end no execution.
 * `RenderStartThrottled`: nothing was started. `RenderStartPending`: it is not known yet. `TurnLost`: the render's
 * place was given to another one, and it waits again where it was in the line.
 */
export type StartRetryName = 'RenderStartThrottled' | 'RenderStartPending' | 'TurnLost';

/** An error whose `name` is one of the workflow's: Lambda hands the name to the state machine. */
export class WorkflowError extends Error {
  constructor(name: WorkflowErrorName | StartRetryName, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = name;
  }
}
