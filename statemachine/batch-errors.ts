interface BatchErrorDescription {
  readonly meaning: string;
  readonly remedy: string;
}

/** How a batch can fail, by the name that the console, the command and the event have. */
export const BATCH_ERRORS = {
  InvalidBatchRequest: {
    meaning: 'The request of the batch is wrong.',
    remedy: 'Correct the fields that the message names and start the batch again.',
  },
  InvalidTable: {
    meaning: 'The table cannot be read, or is not one; the message says the row.',
    remedy: 'Correct the table and start the batch again.',
  },
  InvalidRows: {
    meaning: 'Rows make requests that are wrong, or have the jobId or the key of another row.',
    remedy: 'Correct the rows that the message and problems.jsonl name and start the batch again.',
  },
  RowsFailed: {
    meaning: 'More rows have failed than toleratedFailurePercentage allows; by default, one.',
    remedy:
      'Read results.jsonl, correct what is wrong, and redrive the execution or start the batch again: only rows without a video are rendered.',
  },
  BatchOverBudget: {
    meaning: "The renders of the batch had cost the batch's maxCostInUsd before all rows were rendered.",
    remedy:
      'Start the batch again with a higher maxCostInUsd: what has been spent counts, and only rows without a video are rendered.',
  },
  BatchStopped: {
    meaning: 'The batch was stopped.',
    remedy: 'Redrive the execution or start the batch again for the rows without a video.',
  },
  BatchTimedOut: {
    meaning: 'The batch was not done in 14 days.',
    remedy: 'Start the batch again for the rows without a video.',
  },
  BatchBroken: {
    meaning: 'A step of the batch failed, also after all retries.',
    remedy: "Read the message and the step's log, then redrive the execution or start the batch again.",
  },
} as const satisfies Record<string, BatchErrorDescription>;

export type BatchErrorName = keyof typeof BATCH_ERRORS;

/** An error whose `name` is one of the batch's: Lambda hands the name to the state machine. */
export class BatchError extends Error {
  constructor(name: BatchErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
