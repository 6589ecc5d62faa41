import { readerFailure } from './reader-failure.ts';

/**
 * The rows of a CSV text. A field that begins with a quote may hold delimiters and line breaks, `""` is a quote
 * in it; elsewhere quotes are text. A backslash is dropped, and what it escapes (itself, a quote, the delimiter)
 * is text. Blanks are kept; a line without any character is no row (belief).
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 * Throws StateFailure `States.ItemReaderFailed` for a quote that is not closed.
 */
export function* parseCsv(text: string, delimiter: string): Generator<string[]> {
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  let wasQuoted = false;
  let line = 1;
  let quotedSince = 1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === '\n') line += 1;
    if (character === '\\') {
      if (next !== '' && ['\\', '"', delimiter].includes(next)) {
        field += next;
        at += 1;
      }
    } else if (isQuoted) {
      if (character !== '"') {
        field += character;
      } else if (next === '"') {
        field += '"';
        at += 1;
      } else {
        isQuoted = false;
      }
    } else if (character === '"' && field === '' && !wasQuoted) {
      isQuoted = true;
      wasQuoted = true;
      quotedSince = line;
    } else if (character === delimiter) {
      row.push(field);
      field = '';
      wasQuoted = false;
    } else if (character === '\n' || (character === '\r' && next === '\n')) {
      if (character === '\r') {
        at += 1;
        line += 1;
      }
      if (row.length > 0 || field !== '' || wasQuoted) yield [...row, field];
      row = [];
      field = '';
      wasQuoted = false;
    } else {
      field += character;
    }
  }
  if (isQuoted)
    throw readerFailure(`The quote that opens in line ${quotedSince} of the CSV file is not closed.`);
  if (row.length > 0 || field !== '' || wasQuoted) yield [...row, field];
}
