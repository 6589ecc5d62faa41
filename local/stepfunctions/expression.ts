import jsonata from 'jsonata';
import type { Json } from './json.ts';

/**
 * An expression that could not be evaluated. The message is the part of AWS's cause that follows
 * `An error occurred while executing the state …`.
 */
export class ExpressionError extends Error {
  /** Where in the state the expression stands, e.g. `Arguments/Payload`; absent if not in a field. */
  readonly location: string | undefined;
  constructor(message: string, location?: string) {
    super(message);
    this.name = 'ExpressionError';
    this.location = location;
  }
}

/** The JSONata types that a field can ask for. */
export type ExpectedType = 'array' | 'boolean' | 'number' | 'string';

/** Whether a text is an expression: it starts with `{%` and ends with `%}`, without blanks around. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}') && value.length >= 4;
}

const compiled = new Map<string, jsonata.Expression>();

/** Compiles `{% … %}`. Throws what jsonata throws where the syntax is wrong. */
export function compileExpression(text: string): jsonata.Expression {
  const source = sourceOf(text);
  let expression = compiled.get(source);
  if (!expression) {
    expression = jsonata(source);
    compiled.set(source, expression);
  }
  return expression;
}

/**
 * Evaluates every expression in a field's value, at any depth; everything else stays as it is.
 * Throws ExpressionError for the first one that fails, gives nothing or gives a function.
 */
export async function evaluateTemplate(
  template: Json,
  location: string,
  bindings: Record<string, unknown>,
): Promise<Json> {
  if (isExpression(template)) return evaluateExpression(template, location, bindings);
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of template.entries()) {
      items.push(await evaluateTemplate(item, `${location}/${index}`, bindings));
    }
    return items;
  }
  if (typeof template === 'object' && template !== null) {
    const fields: [string, Json][] = [];
    for (const [key, value] of Object.entries(template)) {
      fields.push([key, await evaluateTemplate(value, `${location}/${key}`, bindings)]);
    }
    return Object.fromEntries(fields);
  }
  return template;
}

/** Throws ExpressionError, in AWS's words, if an expression's value is not of the type its field needs. */
export function expectType(value: Json, type: ExpectedType, template: Json, location: string): void {
  const actual = typeOf(value);
  if (actual === type) return;
  throw new ExpressionError(
    `${subject(String(template), location)} returned an unexpected result type. ` +
      `Expected '${type}', but was '${actual}' for value: ${JSON.stringify(value)}`,
    location,
  );
}

async function evaluateExpression(
  text: string,
  location: string,
  bindings: Record<string, unknown>,
): Promise<Json> {
  let value: unknown;
  try {
    value = await compileExpression(text).evaluate(undefined, bindings);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const reason = code ? `${code}: ${message}` : message;
    throw new ExpressionError(
      `${subject(text, location)} threw an error during evaluation. ${reason}`,
      location,
    );
  }
  if (value === undefined) {
    throw new ExpressionError(`${subject(text, location)} returned nothing (undefined).`, location);
  }
  return toJson(value, text, location);
}

/** JSONata's values carry marks of its own and may be shared; the states see plain copies. */
function toJson(value: unknown, text: string, location: string): Json {
  const json = JSON.stringify(value, (_key, part) => {
    if (isFunction(part)) {
      throw new ExpressionError(`${subject(text, location)} returned an unsupported result type.`, location);
    }
    return part;
  });
  return JSON.parse(json) as Json;
}

function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  return '_jsonata_lambda' in value || '_jsonata_function' in value;
}

function subject(text: string, location: string): string {
  return `The JSONata expression '${sourceOf(text)}' specified for the field '${location}'`;
}

function sourceOf(text: string): string {
  return text.slice(2, -2).trim();
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
