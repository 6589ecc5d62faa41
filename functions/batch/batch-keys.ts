/** Where a workflow keeps its batches: below a prefix of the Remotion bucket that is its own. */
export interface BatchKeys {
  /** Rows that are to be rendered, for the Map Run of an execution. */
  requests(batchId: string, executionName: string): string;
  /** All rows with their jobs, in order. */
  index(batchId: string): string;
  problems(batchId: string): string;
  /** Its presence keeps rows from being started. */
  stop(batchId: string): string;
  progress(batchId: string): string;
  /** Prefix of the results of rows. */
  rows(batchId: string): string;
  results(batchId: string, form: 'jsonl' | 'csv'): string;
  summary(batchId: string): string;
  /** Which batch an execution has prepared. */
  execution(executionName: string): string;
  /** What renders of a composition have cost. */
  costs(composition: string): string;
}

/** @param prefix `render-workflows/<workflow>/` */
export function batchKeys(prefix: string): BatchKeys {
  const of = (batchId: string, name: string) => `${prefix}batches/${batchId}/${name}`;
  return {
    requests: (batchId, executionName) => of(batchId, `requests/${executionName}.jsonl`),
    index: (batchId) => of(batchId, 'rows.jsonl'),
    problems: (batchId) => of(batchId, 'problems.jsonl'),
    stop: (batchId) => of(batchId, 'stop.json'),
    progress: (batchId) => of(batchId, 'progress.json'),
    rows: (batchId) => of(batchId, 'rows/'),
    results: (batchId, form) => of(batchId, `results.${form}`),
    summary: (batchId) => of(batchId, 'summary.json'),
    execution: (executionName) => `${prefix}batch-executions/${executionName}.json`,
    costs: (composition) => `${prefix}batch-costs/${composition}.json`,
  };
}
