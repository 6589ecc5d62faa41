import { BatchError } from '../../statemachine/batch-errors.ts';

/** Of a record, in UTF-16 units: what is longer has a quote that is not closed. */
const MAX_RECORD_LENGTH = 1024 ** 2;

const SPECIAL = /[",\r\n]/g;

/**
 * Takes CSV apart as RFC 4180 has it: commas, quotes around fields with commas, quotes (doubled) or newlines in them,
 * and LF or CRLF at the end of a record. Empty lines are left out.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc4180#section-2
 */
export class CsvRecords {
  /** Records that are complete. */
  count = 0;
  #state: 'begin' | 'plain' | 'quoted' | 'closed' = 'begin';
  #field = '';
  #fields: string[] = [];
  #length = 0;

  /** @throws BatchError `InvalidTable` */
  *read(text: string): Generator<string[]> {
    for (let i = 0; i < text.length; ) {
      const end = this.#nextSpecial(text, i);
      if (end > i) this.#take(text.slice(i, end));
      i = end + 1;
      if (end === text.length) return;
      const char = text[end] as string;
      this.#grow(1);
      if (this.#state === 'quoted') {
        if (char === '"') this.#state = 'closed';
        else this.#field += char;
      } else if (char === '"') this.#quote();
      else if (char === ',') this.#endField();
      else if (char === '\n') yield* this.#endRecord();
      // CR is a part of the line's end only.
      else if ((text[i] ?? '\n') !== '\n') this.#take(char);
    }
  }

  /** Where the next character is that means something. */
  #nextSpecial(text: string, from: number): number {
    if (this.#state === 'quoted') {
      const quote = text.indexOf('"', from);
      return quote === -1 ? text.length : quote;
    }
    SPECIAL.lastIndex = from;
    return SPECIAL.exec(text)?.index ?? text.length;
  }

  #take(text: string): void {
    this.#grow(text.length);
    if (this.#state === 'closed')
      throw new BatchError('InvalidTable', `${this.where()} has text after the quote that ends a field.`);
    if (this.#state === 'begin') this.#state = 'plain';
    this.#field += text;
  }

  #grow(length: number): void {
    this.#length += length;
    if (this.#length > MAX_RECORD_LENGTH)
      throw new BatchError(
        'InvalidTable',
        `${this.where()} is longer than ${MAX_RECORD_LENGTH} characters. Is a quote not closed?`,
      );
  }

  /** The last record, which need not end in a newline. @throws BatchError `InvalidTable` */
  *end(): Generator<string[]> {
    if (this.#state === 'quoted')
      throw new BatchError('InvalidTable', `${this.where()} has a quote that is not closed.`);
    yield* this.#endRecord();
  }

  /** The record that is being read. */
  where(): string {
    return this.count === 0 ? 'The header' : `Row ${this.count}`;
  }

  #quote(): void {
    if (this.#state === 'plain')
      throw new BatchError(
        'InvalidTable',
        `${this.where()} has a quote in a field that does not begin with one. Put quotes around the field, and double those in it.`,
      );
    if (this.#state === 'closed') this.#field += '"';
    this.#state = 'quoted';
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#state = 'begin';
  }

  *#endRecord(): Generator<string[]> {
    const isEmpty = this.#state === 'begin' && this.#fields.length === 0;
    this.#length = 0;
    if (isEmpty) return;
    this.#endField();
    const fields = this.#fields;
    this.#fields = [];
    yield fields;
    this.count += 1;
  }
}
