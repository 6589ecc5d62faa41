import { compileMappingTemplate } from '../../../local/api-gateway/mapping-template.ts';

const map = (template: string, body = '{}', pathParameters: Record<string, string> = {}) =>
  compileMappingTemplate(template, 'Method')({ body, pathParameters });
const AS_TEXT = String.raw`{"input": "$util.escapeJavaScript($input.json('$')).replaceAll("\\'","'")"}`;

test('a body becomes text within JSON, whatever is in it', () => {
  const body = { a: `it's "b" \\ / é \u2028 😀\n\t\u0001` };
  expect(JSON.parse(JSON.parse(map(AS_TEXT, JSON.stringify(body))).input)).toEqual(body);
});

test("escapeJavaScript alone leaves a \\' behind, which is no JSON", () => {
  expect(map(`$util.escapeJavaScript($input.json('$'))`, `"it's"`)).toBe(String.raw`\"it\'s\"`);
});

test('parameters of the path are put in', () => {
  expect(map(`<$input.params('name')>`, '{}', { name: 'a' })).toBe('<a>');
  expect(map(`<$input.params('name')>`)).toBe('<>');
});

test.each([
  '$context.requestId',
  '#if(true)a#end',
  "$input.path('$.a')",
  "$input.json('$.a')",
  "$util.urlEncode($input.json('$'))",
  "$util.escapeJavaScript($input.json('$')",
])('%s is refused by name', (template) => {
  expect(() => map(`{"a": "${template}"}`)).toThrow(
    expect.objectContaining({ name: 'UnsupportedTemplate', message: expect.stringContaining('Method: ') }),
  );
});
