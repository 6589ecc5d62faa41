import { BatchError } from '../../statemachine/batch-errors.ts';
import { MAX_ROWS, MAX_TABLE_BYTES } from '../../statemachine/batch-limits.ts';
import { trimmed } from '../runtime/trimmed.ts';
import { CsvRecords } from './csv-records.ts';
import { decodedLines } from './decoded-lines.ts';

/** A row of a table. */
export interface TableRow {
  /** From 1; the header of a CSV is not counted. */
  readonly number: number;
  readonly value: Readonly<Record<string, unknown>>;
}

export type TableFormat = 'csv' | 'jsonl' | 'json';

/** A JSON array is held in memory. */
const MAX_ARRAY_BYTES = 32 * 1024 ** 2;

const invalid = (message: string) => new BatchError('InvalidTable', message);

/**
 * Reads the rows of a table, one after the other.
 *
 * @param checkColumns Told the columns of a CSV before its first row.
 * @throws BatchError `InvalidTable` where the table cannot be read on; the message says the row.
 */
export async function* readTable(
  chunks: AsyncIterable<Uint8Array>,
  format: TableFormat,
  checkColumns: (columns: readonly string[]) => void,
): AsyncGenerator<TableRow> {
  const readers = { csv: readCsv, jsonl: readJsonLines, json: readJsonArray };
  let number = 0;
  let bytes = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > MAX_TABLE_BYTES)
        throw invalid(
          `The table has more than ${MAX_TABLE_BYTES / 1024 ** 2} MiB: row ${number + 1} is about there. Make batches of its parts, and name large props by inputPropsUri.`,
        );
      yield chunk;
    }
  }
  for await (const value of readers[format](counted(), checkColumns)) {
    number += 1;
    if (number > MAX_ROWS)
      throw invalid(
        `The table has more than ${MAX_ROWS} rows: row ${number} is one too many. Make batches of its parts.`,
      );
    yield { number, value };
  }
  if (number === 0) throw invalid('The table has no rows.');
}

async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  checkColumns: (columns: readonly string[]) => void,
): AsyncGenerator<Record<string, unknown>> {
  const records = new CsvRecords();
  let columns: readonly string[] | undefined;
  const take = (fields: readonly string[]): Record<string, unknown> | undefined => {
    if (!columns) {
      columns = checkedHeader(fields);
      checkColumns(columns);
      return undefined;
    }
    if (fields.length !== columns.length)
      throw invalid(`${records.where()} has ${fields.length} fields, and the header has ${columns.length}.`);
    return Object.fromEntries(columns.map((column, i) => [column, fields[i]]));
  };
  for await (const text of decodedLines(chunks, () => records.where())) {
    for (const fields of records.read(text)) {
      const row = take(fields);
      if (row) yield row;
    }
  }
  for (const fields of records.end()) {
    const row = take(fields);
    if (row) yield row;
  }
  if (!columns) throw invalid('The table is empty: not even a header is there.');
}

function checkedHeader(columns: readonly string[]): readonly string[] {
  const empty = columns.findIndex((column) => column.trim() === '');
  if (empty !== -1) throw invalid(`The header has no name for column ${empty + 1}.`);
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined)
    throw invalid(`The header has the column ${JSON.stringify(trimmed(twice, 100))} twice.`);
  return columns;
}

async function* readJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  let number = 0;
  for await (const text of decodedLines(chunks, () => `Row ${number + 1}`)) {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      number += 1;
      yield asRow(
        parsed(line, () => `Row ${number}`),
        number,
      );
    }
  }
}

async function* readJsonArray(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_ARRAY_BYTES)
      throw invalid(
        `A JSON array may have ${MAX_ARRAY_BYTES / 1024 ** 2} MiB. Write its rows as JSON lines (.jsonl).`,
      );
    parts.push(chunk);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw invalid('The table is not UTF-8. Save the table as UTF-8.');
  }
  if (text.trim() === '') throw invalid('The table is empty.');
  const rows = parsed(
    text,
    text.trimStart().startsWith('[') ? () => `Row ${brokenRow(text)}` : () => 'The table',
  );
  if (!Array.isArray(rows)) throw invalid('The table is JSON, but not an array of objects.');
  yield* rows.map((row, i) => asRow(row, i + 1));
}

function parsed(text: string, what: () => string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error quotes the text, which may hold private data.
    throw invalid(`${what()} is not JSON.`);
  }
}

/** Number of the row at which the text of an array stops being JSON. */
function brokenRow(text: string): number {
  let row = 1;
  let depth = 0;
  let isText = false;
  let begin = text.indexOf('[') + 1;
  for (let i = begin; i < text.length; i += 1) {
    const char = text[i] as string;
    if (isText) {
      if (char === '\\') i += 1;
      else isText = char !== '"';
    } else if (char === '"') isText = true;
    else if ('{['.includes(char)) depth += 1;
    else if ('}]'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 0) {
      if (!isJson(text.slice(begin, i))) return row;
      row += 1;
      begin = i + 1;
    }
  }
  return row;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function asRow(value: unknown, number: number): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalid(`Row ${number} is not an object.`);
}
