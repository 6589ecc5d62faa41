/** How the workflow can fail, by the name that Retry, Catch, the console and the caller see. */
export const WORKFLOW_ERRORS = {
  InvalidRenderRequest: {
    meaning: 'The request is wrong; no render was started.',
    remedy: 'Correct the fields that the cause names and send the request again.',
  },
  RenderNotStarted: {
    meaning: 'Remotion refused the start; no render was started.',
    remedy:
      'Check that the Remotion function exists and has the version of this deployment (npx remotion lambda functions ls), then send the request again.',
  },
  RenderThrottled: {
    meaning: 'Lambda had no capacity free for the start, also after all retries; no render was started.',
    remedy:
      'Send the request again later, or raise the concurrency quota of the account (npx remotion lambda quotas).',
  },
  StartOutcomeUnknown: {
    meaning: 'The answer to the start was lost; a render may be running.',
    remedy:
      "Look into the newest folders under renders/ in the Remotion bucket before sending the request again: the workflow does not spend a second render's money on a guess.",
  },
  RenderFailed: {
    meaning: 'Remotion gave the render up.',
    remedy:
      'Read the message and the logs that the cause links to, correct the composition or its props, and send the request again.',
  },
  RenderTimedOut: {
    meaning: 'The render never got going, or outlived the time that its function has.',
    remedy:
      'Give the render more functions (lower framesPerLambda) or deploy a Remotion function with a longer timeout.',
  },
  RenderProgressUnavailable: {
    meaning: "The render's progress could not be read, also after all retries; the render may still finish.",
    remedy:
      "Check that the role of GetRenderProgress may read renders/ in the Remotion bucket; the video will be in the render's folder there.",
  },
  VideoNotCopied: {
    meaning:
      'The video is finished but could not be copied, also after all retries; it is still in the Remotion bucket.',
    remedy:
      'Check that the destination bucket exists and that the role of CopyToBucket may write to it; then redrive the execution or copy the video by hand from the address in the cause.',
  },
} as const;

export type WorkflowErrorName = keyof typeof WORKFLOW_ERRORS;

/** An error whose `name` is one of the workflow's: Lambda hands the name to the state machine. */
export class WorkflowError extends Error {
  constructor(name: WorkflowErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
