import type { RenderRequest } from './contract.ts';

/** A row that is to be rendered: the input of a child execution. */
export interface BatchRow {
  batchId: string;
  /** From 1. */
  row: number;
  /** Tells whether a result is of the row as it is now. */
  hash: string;
  request: RenderRequest & { jobId: string };
}
