import type { RowStatus } from '../../statemachine/batch-contract.ts';

/** What the key of a row's result says, so that a list of keys is enough to count by. */
export interface RowRecord {
  readonly row: number;
  /** Of the row's request. */
  readonly hash: string;
  /** When the row's execution ended, in milliseconds since 1970. */
  readonly at: number;
  readonly status: Exclude<RowStatus, 'unfinished'>;
  /** 0 where it is not known. */
  readonly costInUsd: number;
}

const MICRO = 1_000_000;

/** Name of the object that holds the row's result: the same for every attempt to write it. */
export function recordName({ row, hash, at, status, costInUsd }: RowRecord): string {
  const cost = Math.round(costInUsd * MICRO);
  return `${String(row).padStart(8, '0')}.${hash}.${at}.${status}.${cost}.json`;
}

/** Undefined when it is not the name of a row's result. */
export function readRecordName(name: string): RowRecord | undefined {
  const match = /^(\d+)\.([0-9a-f]+)\.(\d+)\.(succeeded|failed)\.(\d+)\.json$/.exec(name);
  if (!match) return undefined;
  const [, row, hash = '', at, status, cost] = match;
  return {
    row: Number(row),
    hash,
    at: Number(at),
    status: status as RowRecord['status'],
    costInUsd: Number(cost) / MICRO,
  };
}

/** The last result of each row, by its number. */
export function lastOfEachRow<Row extends RowRecord>(records: readonly Row[]): Map<number, Row> {
  const last = new Map<number, Row>();
  for (const record of records) {
    const known = last.get(record.row);
    if (!known || known.at <= record.at) last.set(record.row, record);
  }
  return last;
}

/** What all attempts have cost, in USD. */
export function costOf(records: readonly RowRecord[]): number {
  return records.reduce((sum, { costInUsd }) => sum + costInUsd, 0);
}
