import { compileExpression, isExpression } from './expression.ts';
import { isJsonObject, type Json } from './json.ts';

/** A part of a definition that the engine does not run. */
export interface DefinitionProblem {
  /** As AWS writes it: `/States/StartRender/Arguments`. */
  readonly path: string;
  readonly problem: string;
}

/** Collects what is wrong with a definition, value by value. */
export class DefinitionProblems {
  readonly found: DefinitionProblem[] = [];

  add(path: string, problem: string): void {
    this.found.push({ path, problem });
  }

  /** Names every field that is not among the allowed ones. False if the value is no object at all. */
  object(value: unknown, path: string, allowed: readonly string[]): value is Record<string, Json> {
    if (!isJsonObject(value)) {
      this.add(path, 'must be an object');
      return false;
    }
    for (const field of Object.keys(value)) {
      if (!allowed.includes(field)) this.add(`${path}/${field}`, 'is not supported here');
    }
    return true;
  }

  array(value: unknown, path: string): Json[] {
    if (Array.isArray(value) && value.length > 0) return value as Json[];
    this.add(path, 'must be a list with at least one element');
    return [];
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value === '') this.add(path, 'must be a text');
  }

  number(
    value: unknown,
    path: string,
    { integer = false, min = 0, max }: { integer?: boolean; min?: number; max?: number | undefined } = {},
  ): void {
    const inRange = typeof value === 'number' && value >= min && value <= (max ?? value);
    if (inRange && (!integer || Number.isInteger(value))) return;
    const upTo = max === undefined ? '' : ` and at most ${max}`;
    this.add(path, `must be ${integer ? 'an integer' : 'a number'} of at least ${min}${upTo}`);
  }

  oneOf(value: unknown, path: string, values: readonly string[]): void {
    if (!values.includes(value as string)) {
      this.add(path, `must be ${values.join(' or ')}, not ${JSON.stringify(value)}`);
    }
  }

  /** A field that is evaluated: every expression in it must compile. */
  template(value: unknown, path: string): void {
    if (isExpression(value)) {
      try {
        compileExpression(value);
      } catch (error) {
        this.add(path, `is not valid JSONata: ${(error as Error).message}`);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) this.template(part, `${path}/${key}`);
    }
  }

  /** A literal that `check` accepts, or an expression. */
  literalOrExpression(value: unknown, path: string, check: (value: unknown, path: string) => void): void {
    if (isExpression(value)) this.template(value, path);
    else check.call(this, value, path);
  }
}
