import type { RowResult } from '../../statemachine/batch-contract.ts';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import type { BatchStore } from '../batch/batch-store.ts';
import { costOf, lastOfEachRow } from '../batch/row-record.ts';

/** Results that are read at the same time. */
const READ_AT_ONCE = 50;

/** A row of a batch's index. */
interface IndexedRow {
  readonly row: number;
  readonly jobId: string;
  readonly hash: string;
}

/** What is kept of a row's result. */
type KeptResult = RowResult & {
  readonly composition?: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at?: number;
};

export interface BatchResults {
  /** Of all rows, in order. */
  readonly rows: readonly KeptResult[];
  /** What all attempts have cost, in USD. */
  readonly costInUsd: number;
}

/** The result of every row of a batch; none where the batch was never prepared. */
export async function readResults(store: BatchStore, batchId: string): Promise<BatchResults | undefined> {
  const index = await store.read(store.keys.index(batchId));
  if (index === undefined) return undefined;
  const records = await store.listRecords(batchId);
  const last = lastOfEachRow(records);
  const rows = index
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as IndexedRow);
  const results: KeptResult[] = [];
  for (let begin = 0; begin < rows.length; begin += READ_AT_ONCE) {
    const some = rows.slice(begin, begin + READ_AT_ONCE).map(async ({ row, jobId, hash }) => {
      const record = last.get(row);
      const kept = record?.hash === hash ? await store.readJson<KeptResult>(record.key) : undefined;
      return kept ? { ...kept, at: record?.at ?? 0 } : unfinished(row, jobId);
    });
    results.push(...(await Promise.all(some)));
  }
  return { rows: results, costInUsd: costOf(records) };
}

function unfinished(row: number, jobId: string): RowResult {
  return {
    row,
    jobId,
    status: 'unfinished',
    s3Uri: null,
    costInUsd: null,
    seconds: null,
    error: null,
    message: null,
    remedy: null,
    executionArn: null,
  };
}

const COLUMNS = [
  'row',
  'jobId',
  'status',
  's3Uri',
  'costInUsd',
  'seconds',
  'error',
  'message',
  'remedy',
  'executionArn',
] as const satisfies readonly (keyof RowResult)[];

export function* asJsonLines(rows: readonly KeptResult[]): Generator<string> {
  for (const row of rows) yield JSON.stringify(line(row));
}

/** As RFC 4180 has it, with CRLF, for spreadsheets. */
export function* asCsv(rows: readonly KeptResult[]): Generator<string> {
  yield `${COLUMNS.join(',')}\r`;
  for (const row of rows) yield `${Object.values(line(row)).map(csvField).join(',')}\r`;
}

function line(row: KeptResult): RowResult {
  const remedies: Record<string, { remedy: string }> = WORKFLOW_ERRORS;
  const remedy = row.remedy ?? remedies[row.error ?? '']?.remedy ?? null;
  return Object.fromEntries(COLUMNS.map((column) => [column, { ...row, remedy }[column]])) as never;
}

function csvField(value: unknown): string {
  // A spreadsheet would take it for a formula: https://owasp.org/www-community/attacks/CSV_Injection
  const text = String(value ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
