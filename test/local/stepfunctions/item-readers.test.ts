import { AwsError } from '../../../local/aws.ts';
import { mapMachine, outputOf, reader, withTables } from './distributed-machine.ts';
import { eventTypes, runToEnd } from './run-machine.ts';

/** Runs a Map over what a text holds, with each item as its own result. */
async function read(text: string, config: object) {
  const { stepFunctions } = withTables({ table: text });
  return runToEnd(stepFunctions, mapMachine({ ItemReader: reader('table', config) }));
}

const CSV = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

describe('a CSV file', () => {
  test.each<[string, string, object, unknown]>([
    ['has texts only', 'a,b,c\ntrue,1,Null\n', {}, [{ a: 'true', b: '1', c: 'Null' }]],
    ['may lack the last line break', 'a\n1', {}, [{ a: '1' }]],
    [
      'has empty texts for missing fields, and drops those beyond the headers',
      'a,b\n1\n1,2,3\n,,,\n',
      {},
      [
        { a: '1', b: '' },
        { a: '1', b: '2' },
        { a: '', b: '' },
      ],
    ],
    [
      'keeps blanks and single quotes',
      "a,b\n'x', y \n   \n",
      {},
      [
        { a: "'x'", b: ' y ' },
        { a: '   ', b: '' },
      ],
    ],
    ['takes headers literally', '0,True,{},\nw,x,y,z\n', {}, [{ 0: 'w', True: 'x', '{}': 'y', '': 'z' }]],
    [
      'may quote delimiters, line breaks and quotes, and end lines with CRLF',
      'id|text|blank\r\n1|"one|pipe"|\r\n2|"two ""quoted"""|x\r\n3|"three\nnewline"|y\r\n',
      { CSVDelimiter: 'PIPE' },
      [
        { id: '1', text: 'one|pipe', blank: '' },
        { id: '2', text: 'two "quoted"', blank: 'x' },
        { id: '3', text: 'three\nnewline', blank: 'y' },
      ],
    ],
    ['drops backslashes but escaped ones', 'a,b\nx\\y,\\\\ \\" \\,\n', {}, [{ a: 'xy', b: '\\ " ,' }]],
    ['has quotes within a field as text', 'a,b\nx"y,""\n', {}, [{ a: 'x"y', b: '' }]],
    ['skips lines without any character', 'a\n\n1\n\n', {}, [{ a: '1' }]],
    ['may be separated by tabs', 'a\tb\n1\t2', { CSVDelimiter: 'TAB' }, [{ a: '1', b: '2' }]],
    ['may be separated by semicolons', 'a;b\n1;2', { CSVDelimiter: 'SEMICOLON' }, [{ a: '1', b: '2' }]],
    ['may be separated by blanks', 'a b\n1 2', { CSVDelimiter: 'SPACE' }, [{ a: '1', b: '2' }]],
    [
      'may have its headers in the definition',
      '1,2\n3,4\n',
      { CSVHeaderLocation: 'GIVEN', CSVHeaders: ['x', 'y'] },
      [
        { x: '1', y: '2' },
        { x: '3', y: '4' },
      ],
    ],
    ['keeps headers that objects have already', '__proto__\n1\n', {}, [JSON.parse('{"__proto__":"1"}')]],
  ])('%s', async (_what, text, config, items) => {
    expect(outputOf(await read(text, { ...CSV, ...config }))).toEqual(items);
  });

  test.each([
    ['two headers of a name', 'a,b,a\n1,2,3\n', 'CSV headers cannot contain duplicates.'],
    ['headers alone', 'a,b\n', 'only CSV headers'],
    ['nothing at all', '', 'The CSV file is empty.'],
    ['a quote that is not closed', 'a\n1\n"2\n3\n', 'The quote that opens in line 3'],
  ])('fails with %s', async (_what, text, cause) => {
    expect(await read(text, CSV)).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining(cause),
    });
  });
});

describe('a JSON file', () => {
  test.each<[string, string, object, unknown]>([
    ['has items of any type', '[1,"a",null,["x"],{"b":2}]', {}, [1, 'a', null, ['x'], { b: 2 }]],
    ['may have none', '[]', {}, []],
    ['has them where ItemsPointer points', '{"data":{"items":[1]}}', { ItemsPointer: '/data/items' }, [1]],
    ['has them under escaped names', '{"a/b":{"~":[1]}}', { ItemsPointer: '/a~1b/~0' }, [1]],
    [
      'may be an object of pairs',
      '{"a":1,"b":[2]}',
      {},
      [
        { Key: 'a', Value: 1 },
        { Key: 'b', Value: [2] },
      ],
    ],
  ])('%s', async (_what, text, config, items) => {
    expect(outputOf(await read(text, { InputType: 'JSON', ...config }))).toEqual(items);
  });

  test.each([
    ['no list', '7', {}, 'Attempting to map over non-iterable node.'],
    ['no JSON', '[1,', {}, 'The JSON file is not valid JSON'],
    ['nothing', '', {}, 'The JSON file is not valid JSON'],
    [
      'nothing where ItemsPointer points',
      '{"a":[]}',
      { ItemsPointer: '/b' },
      'ItemsPointer /b finds nothing',
    ],
  ])('fails with %s', async (_what, text, config, cause) => {
    expect(await read(text, { InputType: 'JSON', ...config })).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining(cause),
    });
  });
});

describe('lines of JSON', () => {
  test('are an item each, of any type; blank lines are none', async () => {
    const execution = await read('{"n":10}\r\n[1]\n\n  \n"x"', { InputType: 'JSONL' });
    expect(outputOf(execution)).toEqual([{ n: 10 }, [1], 'x']);
  });

  test('fail by the number of the line that is no JSON', async () => {
    expect(await read('1\n\n{broken\n', { InputType: 'JSONL' })).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining('Line 3 of the JSONL file is not valid JSON'),
    });
  });
});

describe('MaxItems', () => {
  test.each([
    [2, [1, 2]],
    [0, [1, 2, 3]],
    [100_000_000, [1, 2, 3]],
    ['{% $maxItems := 2 %}', [1, 2]],
  ])('%s of three', async (MaxItems, items) => {
    expect(outputOf(await read('1\n2\n3\n', { InputType: 'JSONL', MaxItems }))).toEqual(items);
  });

  test('below 0 fails the run', async () => {
    const execution = await read('1\n', { InputType: 'JSONL', MaxItems: '{% -1 %}' });
    expect(execution).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'field MaxItems must be positive',
    });
    expect(eventTypes(execution).slice(3)).toEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  test('keeps from reading on: what is broken after it does no harm', async () => {
    expect((await read('1\n2\n{broken', { InputType: 'JSONL', MaxItems: 2 })).status).toBe('SUCCEEDED');
  });
});

describe('the object with the items', () => {
  test('has its bucket and key by expression, and its owner checked by S3', async () => {
    const asked: object[] = [];
    const { stepFunctions } = withTables({}, undefined, {
      async getObject({ caller, ...object }) {
        asked.push({ ...object, state: caller.stateName });
        return Buffer.from('[]');
      },
    });
    const ItemReader = {
      ...reader('', { InputType: 'JSON' }),
      Arguments:
        '{% {"Bucket": $states.input.b, "Key": "rows.json", "ExpectedBucketOwner": "123456789012"} %}',
    };
    await runToEnd(stepFunctions, mapMachine({ ItemReader }), { b: 'tables' });
    expect(asked).toEqual([
      { bucket: 'tables', key: 'rows.json', expectedBucketOwner: '123456789012', state: 'Map' },
    ]);
  });

  test.each([
    [new AwsError('NoSuchKey', 'The specified key does not exist.', 404), 'Status Code: 404'],
    [new AwsError('AccessDenied', 'Access Denied', 403), 'Status Code: 403'],
  ])('that S3 does not give fails the run: %s', async (error, status) => {
    const { stepFunctions } = withTables({}, undefined, { getObject: () => Promise.reject(error) });
    const machine = mapMachine({ ItemReader: reader('rows.json', { InputType: 'JSON' }) });
    expect(await runToEnd(stepFunctions, machine)).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: expect.stringMatching(`^${error.message} .*${status}`),
    });
  });
});
