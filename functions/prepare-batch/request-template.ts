import jsonata from 'jsonata';
import { BatchError } from '../../statemachine/batch-errors.ts';
import { trimmed } from '../runtime/trimmed.ts';

/** A text that is an expression as a whole, as Step Functions has it. */
const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** Of an expression, for one row: it may be one that never ends. */
const MAX_SECONDS = 2;

/** What JSONata calls an expression that has run for longer. */
const TIMED_OUT = 'D1012';

const WHOLE = "a text that is an expression as a whole, such as {% 'Hello ' & $row.name %}";

/** What expressions see of a row. */
export interface RowVariables {
  readonly row: Readonly<Record<string, unknown>>;
  readonly rowNumber: number;
  readonly batchId: string;
}

/** What is wrong at a field of a row's request. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

interface Expression {
  readonly field: string;
  readonly text: string;
  readonly compiled: jsonata.Expression;
}

type Node = Expression | Branch | { readonly value: unknown };
interface Branch {
  readonly entries: readonly (readonly [string, Node])[];
  readonly isArray: boolean;
}

/** A request in whose texts expressions stand for values of a row. */
export class RequestTemplate {
  readonly #root: Node;
  readonly #expressions: Expression[] = [];

  /** @throws BatchError `InvalidBatchRequest` when a text has an expression that is none of JSONata, or in other text */
  constructor(template: Readonly<Record<string, unknown>>) {
    this.#root = this.#compile(template, '');
  }

  /** @throws BatchError `InvalidTable` when an expression uses a column that the table does not have */
  checkColumns(columns: readonly string[]): void {
    const missing = this.#expressions.flatMap(({ field, compiled }) =>
      columnsOf(compiled.ast())
        .filter((column) => !columns.includes(column))
        .map((column) => `request.${field} uses ${JSON.stringify(column)}`),
    );
    if (missing.length === 0) return;
    const there = trimmed(columns.map((column) => JSON.stringify(column)).join(', '));
    throw new BatchError(
      'InvalidTable',
      `The header lacks a column: ${missing.join('; ')}. Its columns are ${there}.`,
    );
  }

  /**
   * The request of a row, as far as it can be made, and what is wrong with it.
   *
   * @throws BatchError `InvalidBatchRequest` when an expression comes to no end
   */
  async fill(variables: RowVariables): Promise<{ request: unknown; problems: FieldProblem[] }> {
    const problems: FieldProblem[] = [];
    const request = await evaluate(this.#root, variables, problems);
    return { request, problems };
  }

  #compile(value: unknown, field: string): Node {
    if (typeof value === 'string') {
      const text = EXPRESSION.exec(value)?.[1];
      if (text === undefined) return { value: withoutExpression(value, field) };
      const expression = { field, text: trimmed(value, 100), compiled: compiled(text, field) };
      this.#expressions.push(expression);
      return expression;
    }
    if (typeof value !== 'object' || value === null) return { value };
    const entries = Object.entries(value).map(
      ([name, item]) => [name, this.#compile(item, field ? `${field}.${name}` : name)] as const,
    );
    return entries.every(([, node]) => 'value' in node)
      ? { value }
      : { entries, isArray: Array.isArray(value) };
  }
}

/** What stands for a value of the row would be rendered as it is. */
function withoutExpression(value: string, field: string): string {
  const begin = value.indexOf('{%');
  if (begin === -1) return value;
  const what = value.includes('%}', begin) ? 'in a longer text' : 'that does not end';
  throw new BatchError(
    'InvalidBatchRequest',
    `request.${field}: has an expression ${what}; accepted: ${WHOLE}`,
  );
}

function compiled(text: string, field: string): jsonata.Expression {
  try {
    return jsonata(text, { timeout: MAX_SECONDS * 1000 });
  } catch (error) {
    throw new BatchError(
      'InvalidBatchRequest',
      `request.${field}: is no JSONata expression: ${(error as Error).message}`,
    );
  }
}

async function evaluate(node: Node, variables: RowVariables, problems: FieldProblem[]): Promise<unknown> {
  if ('value' in node) return node.value;
  if ('entries' in node) {
    const filled: [string, unknown][] = [];
    for (const [name, item] of node.entries) filled.push([name, await evaluate(item, variables, problems)]);
    return node.isArray ? filled.map(([, value]) => value) : Object.fromEntries(filled);
  }
  const { field, text } = node;
  try {
    const value: unknown = await node.compiled.evaluate({}, variables);
    const problem = value === undefined ? 'nothing' : hasFunction(value) && 'a function';
    if (!problem) return value;
    problems.push({ field, problem: `${text} gives ${problem}` });
    return undefined;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    // All rows would take as long.
    if (code === TIMED_OUT)
      throw new BatchError(
        'InvalidBatchRequest',
        `request.${field}: ${text} takes more than ${MAX_SECONDS} seconds for row ${variables.rowNumber}`,
      );
    // After the colon it quotes the value, which may be private.
    problems.push({ field, problem: `${text} fails: ${message.split(':', 1)[0]} (${code})` });
    return undefined;
  }
}

/** JSONata's own functions are objects, of its own kinds and with circles in them. */
function hasFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) return true;
  return Object.values(value).some(hasFunction);
}

/** The names that a syntax tree takes from `$row`. */
function columnsOf(tree: unknown): string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const { type, steps } = tree as { type?: string; steps?: { type: string; value: string }[] };
  const [variable, name] = (type === 'path' && steps) || [];
  const own =
    variable?.type === 'variable' && variable.value === 'row' && name?.type === 'name' ? [name.value] : [];
  return [...own, ...Object.values(tree).flatMap(columnsOf)];
}
