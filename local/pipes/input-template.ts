/** A placeholder, e.g. `<$.body>` or `<$.attributes.SenderId>`. */
const PLACEHOLDER = /<\$((?:\.[\w-]+)+)>/g;

/**
 * What a pipe's target gets of a record: the template with the values of its placeholders as JSON. The body of a
 * message that is JSON counts as that JSON, any other as text.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
 *
 * @throws SyntaxError when the outcome is no JSON
 */
export function applyInputTemplate(template: string | undefined, record: object): unknown {
  if (template === undefined) return record;
  const parsed = { ...record, ...('body' in record && { body: parseBody(String(record.body)) }) };
  const text = template.replace(PLACEHOLDER, (_, path: string) => {
    const value = path
      .split('.')
      .slice(1)
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], parsed);
    return JSON.stringify(value ?? null);
  });
  return JSON.parse(text);
}

/** @throws Error `UnsupportedInputTemplate` for a placeholder that this machine does not fill in */
export function checkInputTemplate(template = ''): void {
  const [unknown] = /<(\$|aws\.pipes)[^>]*>/.exec(template.replaceAll(PLACEHOLDER, '')) ?? [];
  if (unknown === undefined) return;
  const error = new Error(`A pipe's input template with ${unknown} is not supported.`);
  error.name = 'UnsupportedInputTemplate';
  throw error;
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
