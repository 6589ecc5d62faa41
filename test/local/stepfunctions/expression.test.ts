import { evaluateTemplate } from '../../../local/stepfunctions/expression.ts';
import type { Json } from '../../../local/stepfunctions/json.ts';
import { jsonataFunctions } from '../../../local/stepfunctions/jsonata-functions.ts';

const functions = jsonataFunctions({
  now: () => Date.UTC(2026, 1, 3, 4, 5, 6),
  random: () => 0.25,
  uuid: () => '3f0c6a58-0000-4000-8000-000000000000',
});

const evaluate = (template: Json) => evaluateTemplate(template, 'Output', functions);

describe('an expression', () => {
  it.each<[string, Json]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 3)', [0, 3, 6, 9]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ['$range(1, 9, 9)', 1],
    ['$parse(\'{"a": [1]}\').a', [1]],
    ['$parse("-0")', 0],
    ['$hash("abc", "SHA-256")', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['$hash("abc", "MD5")', '900150983cd24fb0d6963f7d28e17f72'],
    ['$uuid()', '3f0c6a58-0000-4000-8000-000000000000'],
    ['$random()', 0.25],
    ['$random(7) = $random(7)', true],
    ['$now()', '2026-02-03T04:05:06.000Z'],
    ["$now('[Y]/[M01]')", '2026/02'],
    ['$millis()', Date.UTC(2026, 1, 3, 4, 5, 6)],
    ['$map([1,2], function($n) { $n * 2 })', [2, 4]],
    ['[]', []],
    ['null', null],
  ])('%s has its value', async (source, value) => {
    expect(await evaluate(`{% ${source} %}`)).toEqual(value);
  });

  it.each([
    ['$eval("1 + 1")', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    ['$hash("abc", "CRC")', 'threw an error during evaluation. $hash knows MD5'],
    ['$partition([1], 0)', 'threw an error during evaluation. $partition needs a size of at least 1'],
    ['$nothing', 'returned nothing (undefined).'],
    ['{"f": function($x){$x}}', 'returned an unsupported result type.'],
  ])('%s fails with a cause in the words of AWS', async (source, message) => {
    await expect(evaluate({ list: [`{% ${source} %}`] })).rejects.toThrow(
      `The JSONata expression '${source}' specified for the field 'Output/list/0' ${message}`,
    );
  });

  it('stands only in a text that is nothing else', async () => {
    const literals = [' {% 1 %}', '{% 1 %} ', '$states.input', '{%', 'a {% 1 %}', null, 0, {}];
    expect(await evaluate(literals)).toEqual(literals);
  });
});
