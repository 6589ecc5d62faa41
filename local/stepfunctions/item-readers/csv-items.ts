import type { ReaderConfig } from '../definition.ts';
import type { Json } from '../json.ts';
import { parseCsv } from './parse-csv.ts';
import { readerFailure } from './reader-failure.ts';

const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

/** A row is an object of texts by header: fields beyond the headers are dropped, missing ones are empty. */
export function* csvItems(text: string, config: ReaderConfig): Generator<Json> {
  const rows = parseCsv(text, DELIMITERS[config.CSVDelimiter ?? 'COMMA']);
  const isFirstRow = config.CSVHeaderLocation === 'FIRST_ROW';
  const headers: readonly string[] | undefined = isFirstRow ? rows.next().value : config.CSVHeaders;
  // Belief: no recording shows an empty file.
  if (!headers) throw readerFailure('The CSV file is empty.');
  if (new Set(headers).size < headers.length) throw readerFailure('CSV headers cannot contain duplicates.');
  let isEmpty = true;
  for (const row of rows) {
    isEmpty = false;
    yield Object.fromEntries(headers.map((header, index) => [header, row[index] ?? '']));
  }
  // The words are belief, but for the last three.
  if (isEmpty && isFirstRow) throw readerFailure('The CSV file has only CSV headers.');
}
