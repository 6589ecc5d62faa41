import { readTable, type TableFormat } from '../../../functions/prepare-batch/read-table.ts';

async function* chunksOf(bytes: Buffer, size = 7) {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function rowsOf(table: string | Buffer, format: TableFormat = 'csv') {
  const rows = [];
  const bytes = Buffer.from(table);
  const chunks = chunksOf(bytes, bytes.length > 10_000 ? 65_536 : 7);
  for await (const { value } of readTable(chunks, format, () => {})) rows.push(value);
  return rows;
}

const failure = (table: string | Buffer, format: TableFormat = 'csv') =>
  rowsOf(table, format).then(
    () => 'it was read',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('a CSV', () => {
  test('gives an object of each row, with the names of the header, whatever its ends of lines', async () => {
    const rows = [
      { name: 'Ada', year: '1815' },
      { name: 'Grace', year: '1906' },
    ];
    expect(await rowsOf('name,year\nAda,1815\nGrace,1906')).toEqual(rows);
    expect(await rowsOf('name,year\r\nAda,1815\r\n\r\nGrace,1906\r\n')).toEqual(rows);
  });

  test('may have commas, quotes and newlines in quoted cells', async () => {
    expect(await rowsOf('name,text\n"Lovelace, Ada","She said ""yes"",\r\nand left"\nx,""\n')).toEqual([
      { name: 'Lovelace, Ada', text: 'She said "yes",\r\nand left' },
      { name: 'x', text: '' },
    ]);
  });

  test('may begin with a byte-order mark, as spreadsheets write it', async () => {
    expect(await rowsOf('\uFEFFname\nZoë\n')).toEqual([{ name: 'Zoë' }]);
  });

  test.each([
    ['that is empty', '', 'The table is empty: not even a header is there.'],
    ['with headers only', 'name,year\n', 'The table has no rows.'],
    ['with a column twice', 'name,year,name\na,1,b\n', 'The header has the column "name" twice.'],
    ['with a column without a name', 'name,\na,b\n', 'The header has no name for column 2.'],
    ['with a row that is too short', 'a,b\n1,2\n3\n', 'Row 2 has 1 fields, and the header has 2.'],
    ['with a row that is too long', 'a,b\n1,2,3\n', 'Row 1 has 3 fields, and the header has 2.'],
    ['with a quote that is not closed', 'a\nx\n"y\nz\n', 'Row 2 has a quote that is not closed.'],
    ['with a quote in a plain cell', 'a\nx\n5" disk\n', 'Row 2 has a quote in a field'],
    ['with text after a quote', 'a\n"x"y\n', 'Row 1 has text after the quote that ends a field.'],
    [
      'with a row without end',
      `a\nx\n"${'y\n'.repeat(600_000)}"\n`,
      'Row 2 is longer than 1048576 characters',
    ],
    [
      'with a line without end',
      `a\nx\n${'y'.repeat(1_100_000)}`,
      'Row 2 has a line of more than 1048576 bytes',
    ],
  ])('%s is refused, with its row', async (_, table, message) => {
    expect(await failure(table)).toContain(`InvalidTable: ${message}`);
  });

  test('is quoted in an error only as far as a state has room for it', async () => {
    const long = 'n'.repeat(500_000);
    expect((await failure(`"${long}","${long}"\n`)).length).toBeLessThan(1_500);
  });

  test('that is not UTF-8 is refused, with its row', async () => {
    const latin1 = Buffer.concat([Buffer.from('name\nAda\nZo'), Buffer.from([0xeb]), Buffer.from('\nx\n')]);
    expect(await failure(latin1)).toBe('InvalidTable: Row 2 is not UTF-8. Save the table as UTF-8.');
    expect(await failure(Buffer.from('\uFEFFname\nAda\n', 'utf16le'))).toMatch(/The header is not UTF-8/);
  });

  test('with more rows than a batch takes is refused, with the first row that is too many', async () => {
    const table = Buffer.from(`a\n${'x\n'.repeat(100_001)}`);
    const read = async () => {
      for await (const _ of readTable(chunksOf(table, 65_536), 'csv', () => {}));
    };
    await expect(read()).rejects.toThrow('more than 100000 rows: row 100001 is one too many');
  });

  test('of 1 GB is refused where a batch ends, with about the row', async () => {
    const chunk = Buffer.from(`${'x'.repeat(65_535)}\n`);
    async function* endless() {
      yield Buffer.from('a\n');
      for (let bytes = 0; bytes < 1024 ** 3; bytes += chunk.length) yield chunk;
    }
    const read = async () => {
      for await (const _ of readTable(endless(), 'csv', () => {}));
    };
    await expect(read()).rejects.toThrow('The table has more than 256 MiB: row 4096 is about there.');
  });
});

describe('JSON lines', () => {
  test('give an object of each line, but for empty ones', async () => {
    expect(await rowsOf('{"a":1}\n\n{"a":{"b":[2]}}', 'jsonl')).toEqual([{ a: 1 }, { a: { b: [2] } }]);
  });

  test.each([
    ['no rows', '\n\n', 'The table has no rows.'],
    ['a line that is not JSON', '{"a":1}\n{"a":\n', 'Row 2 is not JSON'],
    ['a line that is no object', '{"a":1}\n[2]\n', 'Row 2 is not an object.'],
  ])('with %s are refused', async (_, table, message) => {
    expect(await failure(table, 'jsonl')).toContain(`InvalidTable: ${message}`);
  });

  test('say nothing of what is in a line that is not JSON', async () => {
    expect(await failure('secret\n', 'jsonl')).not.toContain('secret');
  });
});

describe('a JSON array', () => {
  test('gives its objects', async () => {
    expect(await rowsOf('[{"a":1},{"a":2}]', 'json')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test.each([
    ['an empty file', '', 'The table is empty.'],
    ['an empty array', '[]', 'The table has no rows.'],
    ['an object', '{"a":1}', 'The table is JSON, but not an array of objects.'],
    ['an array with something else', '[{"a":1},2]', 'Row 2 is not an object.'],
    ['JSON with a mistake', '[{"a":1},\n{"a":}]', 'Row 2 is not JSON.'],
    ['JSON with a mistake in a text', '[{"a":"],[\\""},{"a":"\n"},{}]', 'Row 2 is not JSON'],
    ['JSON that was cut off', '[{"a":1},{"a":2', 'Row 2 is not JSON.'],
    ['JSON lines', '{"a":1}\n{"a":2}\n', 'The table is not JSON.'],
  ])('as %s is refused', async (_, table, message) => {
    expect(await failure(table, 'json')).toContain(`InvalidTable: ${message}`);
  });
});
