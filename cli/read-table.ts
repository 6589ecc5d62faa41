import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { MAX_TABLE_BYTES } from '../statemachine/batch-limits.ts';
import { UsageError } from './usage-error.ts';

const NEWLINE = 0x0a;

/** @throws UsageError when it is not a table that can be rendered, or none that a batch takes. */
export function readTable(file: string): Buffer {
  if (!['.csv', '.jsonl', '.json'].includes(extname(file)))
    throw new UsageError(`--rows: ${file} is none of .csv, .jsonl and .json.`);
  try {
    if (statSync(file).size <= MAX_TABLE_BYTES) return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--rows: cannot read ${file} (${(error as NodeJS.ErrnoException).code}).`);
  }
  throw new UsageError(
    `--rows: ${file} has more than ${MAX_TABLE_BYTES / 1024 ** 2} MiB: line ${lineAtLimit(file)} is where a batch ends. Make batches of its parts, and name large props by inputPropsUri.`,
  );
}

/** From 1. */
function lineAtLimit(file: string): number {
  const chunk = Buffer.alloc(1024 ** 2);
  const descriptor = openSync(file, 'r');
  let line = 1;
  for (let at = 0; at < MAX_TABLE_BYTES; at += chunk.length) {
    const bytes = readSync(descriptor, chunk, 0, chunk.length, at);
    for (let i = 0; i < bytes; i += 1) if (chunk[i] === NEWLINE) line += 1;
  }
  closeSync(descriptor);
  return line;
}
