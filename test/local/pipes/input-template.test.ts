import { applyInputTemplate, checkInputTemplate } from '../../../local/pipes/input-template.ts';

const TEMPLATE = '{"id": <$.messageId>, "detail": <$.body>}';
const record = (body: string) => ({ messageId: 'm-1', body, attributes: { SenderId: 'me' } });

test.each([
  ['an object', '{"a": "b"}', { a: 'b' }],
  ['a list', '[1, "2"]', [1, '2']],
  ['a number', '7', 7],
  ['null', 'null', null],
  ['text that is no JSON', 'say "hello"', 'say "hello"'],
  ['a broken object', '{"a":', '{"a":'],
])('a body that is %s becomes a value of the JSON that the target gets', (_what, body, detail) => {
  expect(applyInputTemplate(TEMPLATE, record(body))).toEqual({ id: 'm-1', detail });
});

test('placeholders reach into the body and the attributes; what is not there is null', () => {
  const template = '[<$.body.a.b>, <$.attributes.SenderId>, <$.body.none.such>]';
  expect(applyInputTemplate(template, record('{"a": {"b": 1}}'))).toEqual([1, 'me', null]);
});

test('without a template the target gets the record as it is', () => {
  expect(applyInputTemplate(undefined, record('{"a": 1}'))).toEqual(record('{"a": 1}'));
});

test('a template whose outcome is no JSON is an error', () => {
  expect(() => applyInputTemplate('{"detail": <$.body>', record('1'))).toThrow(SyntaxError);
});

test.each(['<$.body[0]>', '<aws.pipes.pipe-arn>'])('%s is refused by name', (placeholder) => {
  expect(() => checkInputTemplate(`{"a": ${placeholder}}`)).toThrow(
    expect.objectContaining({
      name: 'UnsupportedInputTemplate',
      message: expect.stringContaining(placeholder),
    }),
  );
});
