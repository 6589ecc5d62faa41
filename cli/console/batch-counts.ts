import type { BatchCounts, BatchProgress, PreparedBatch } from '../../statemachine/batch-contract.ts';
import { type ExecutionStory, parse, type Visit } from './execution-story.ts';

/** How many rows of a batch are where. */
export interface ShownCounts extends Omit<BatchCounts, 'costInUsd'> {
  /** Rows that had no video when the table was read. */
  readonly rowsToRender: number;
  readonly running: number;
  /** Undefined until they have been counted. */
  readonly costInUsd?: number;
  /** When they were counted, ISO 8601. */
  readonly at?: string;
}

/**
 * What an execution of a batch says of its rows: in its output, else where it has counted them last. Undefined while
 * the table is read.
 */
export function batchCounts({ visits, hasEnded }: ExecutionStory, output: unknown): ShownCounts | undefined {
  if (isCounted(output)) return { ...picked(output), rowsToRender: 0, running: 0 };
  const isPrepare = ({ state, output: prepared }: Visit) =>
    state === 'PrepareBatch' && prepared !== undefined;
  const prepare = visits.findLastIndex(isPrepare);
  const looks = visits.slice(prepare + 1).filter(({ state }) => state === 'FollowBatch');
  const look = looks.map((each) => parse(each.output)).findLast(isCounted);
  if (look) {
    const { running = 0, rowsToRender = look.rows, at } = look as Partial<BatchProgress>;
    return { ...picked(look), rowsToRender, running: hasEnded ? 0 : running, ...(at && { at }) };
  }
  const { rows, rowsToRender } = (parse(visits[prepare]?.output) ?? {}) as Partial<PreparedBatch>;
  if (rows === undefined || rowsToRender === undefined) return undefined;
  return {
    rows,
    rowsToRender,
    succeeded: rows - rowsToRender,
    failed: 0,
    unfinished: rowsToRender,
    running: 0,
  };
}

function isCounted(value: unknown): value is BatchCounts {
  return typeof (value as Partial<BatchCounts> | null)?.succeeded === 'number';
}

function picked({ rows, succeeded, failed, unfinished, costInUsd }: BatchCounts): BatchCounts {
  return { rows, succeeded, failed, unfinished, costInUsd };
}
