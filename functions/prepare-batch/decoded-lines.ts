import { BatchError } from '../../statemachine/batch-errors.ts';

/** Of one line; a row of a CSV may have more lines. */
const MAX_LINE_BYTES = 1024 ** 2;

const NEWLINE = 0x0a;

/**
 * Decodes whole lines of UTF-8, with their ends, several at once. A byte-order mark is left out.
 *
 * @param where Says which row is being read, for a person.
 * @throws BatchError `InvalidTable` when a line is not UTF-8, or is too long.
 */
export async function* decodedLines(
  chunks: AsyncIterable<Uint8Array>,
  where: () => string,
): AsyncGenerator<string> {
  let rest: Uint8Array = Buffer.alloc(0);
  // Without it, each decoder would take a mark in the middle away.
  let isBegin = true;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    rest = bytes.subarray(end);
    if (end > 0) {
      yield* decode(bytes.subarray(0, end), where, isBegin);
      isBegin = false;
    }
    if (rest.length > MAX_LINE_BYTES)
      throw new BatchError(
        'InvalidTable',
        `${where()} has a line of more than ${MAX_LINE_BYTES} bytes. Is a quote not closed?`,
      );
  }
  if (rest.length > 0) yield* decode(rest, where, isBegin);
}

function* decode(bytes: Uint8Array, where: () => string, isBegin: boolean): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: !isBegin });
  let text: string | undefined;
  try {
    text = decoder.decode(bytes);
  } catch {
    // Below, line by line, so that it can be said which one it is.
  }
  if (text !== undefined) return yield text;
  for (let begin = 0; begin < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, begin);
    const end = newline === -1 ? bytes.length : newline + 1;
    let line: string;
    try {
      line = decoder.decode(bytes.subarray(begin, end));
    } catch {
      throw new BatchError('InvalidTable', `${where()} is not UTF-8. Save the table as UTF-8.`);
    }
    yield line;
    begin = end;
  }
}
