import { UnsupportedTemplate } from '../cloud-assembly/template.ts';

/** What a mapping template can ask of a request. */
export interface MappedRequest {
  /** The body, which is JSON. */
  readonly body: string;
  /** Values of the path's parameters, decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

type Expression = (request: MappedRequest) => string;

const REPLACE_ALL = /^\.replaceAll\("((?:[^"])*)","((?:[^"])*)"\)/;

/**
 * Compiles a mapping template (VTL) of API Gateway. It may hold text and, of all that VTL has,
 * `$input.json('$')`, `$input.params('NAME')`, `$util.escapeJavaScript(…)` and `.replaceAll("…","…")` after it.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 *
 * @throws UnsupportedTemplate for any other reference and every directive
 */
export function compileMappingTemplate(template: string, path: string): Expression {
  const parts: Expression[] = [];
  let rest = template;
  while (rest !== '') {
    const text = /^[^$#]+/.exec(rest)?.[0];
    const { expression, length } =
      text === undefined ? parseReference(rest, path) : { expression: () => text, length: text.length };
    parts.push(expression);
    rest = rest.slice(length);
  }
  return (request) => parts.map((part) => part(request)).join('');
}

function parseReference(text: string, path: string): { expression: Expression; length: number } {
  const json = /^\$input\.json\('\$'\)/.exec(text);
  if (json) return { expression: ({ body }) => JSON.stringify(JSON.parse(body)), length: json[0].length };
  const parameter = /^\$input\.params\('(\w+)'\)/.exec(text);
  if (parameter) {
    const [all, name = ''] = parameter;
    return { expression: ({ pathParameters }) => pathParameters[name] ?? '', length: all.length };
  }
  const [opening] = /^\$util\.escapeJavaScript\(/.exec(text) ?? [];
  if (opening) {
    const argument = parseReference(text.slice(opening.length), path);
    const end = opening.length + argument.length;
    if (text[end] === ')') {
      const [all = '', pattern = '', replacement = ''] = REPLACE_ALL.exec(text.slice(end + 1)) ?? [];
      return {
        expression: (request) => {
          const escaped = escapeJavaScript(argument.expression(request));
          return all ? escaped.replaceAll(new RegExp(pattern, 'g'), replacement) : escaped;
        },
        length: end + 1 + all.length,
      };
    }
  }
  throw new UnsupportedTemplate(path, `the mapping template is not supported at ${text.slice(0, 40)}`);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function escapeJavaScript(text: string): string {
  return text.replace(/["'/\\]|[^ -~]/g, (character) =>
    /["'/\\]/.test(character)
      ? `\\${character}`
      : (SHORT_ESCAPES[character] ??
        `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`),
  );
}
