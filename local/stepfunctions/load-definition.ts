import { checkLabels, checkMap, checkMapField, checkProcessorConfig } from './check-map.ts';
import type { Definition } from './definition.ts';
import { type DefinitionProblem, DefinitionProblems } from './definition-problems.ts';
import { isExpression } from './expression.ts';
import { isJsonObject, type Json } from './json.ts';
import { BLOCK_FIELDS, COMMON_FIELDS, FIELDS, JSONPATH_FIELDS } from './state-fields.ts';
import { findTaskResource } from './task-resources.ts';
import { parseTimestamp } from './timestamp.ts';

/** The definition has something that the engine does not run; `problems` says what and where. */
export class UnsupportedDefinition extends Error {
  readonly problems: readonly DefinitionProblem[];
  constructor(problems: readonly DefinitionProblem[]) {
    super(problems.map(({ path, problem }) => `${path} ${problem}`).join('; '));
    this.name = 'UnsupportedDefinition';
    this.problems = problems;
  }
}

/** Throws UnsupportedDefinition unless the engine runs everything in the definition. */
export function loadDefinition(definition: unknown): Definition {
  const check = new DefinitionProblems();
  if (check.object(definition, '', [...BLOCK_FIELDS, 'Version', 'QueryLanguage', 'TimeoutSeconds'])) {
    const { Version, QueryLanguage = 'JSONPath', TimeoutSeconds } = definition;
    if (Version !== undefined) check.oneOf(Version, '/Version', ['1.0']);
    check.oneOf(QueryLanguage, '/QueryLanguage', ['JSONata', 'JSONPath']);
    if (TimeoutSeconds !== undefined) {
      check.number(TimeoutSeconds, '/TimeoutSeconds', { integer: true, min: 1 });
    }
    checkStates(check, definition, '', QueryLanguage);
    checkLabels(check, definition);
  }
  if (check.found.length > 0) throw new UnsupportedDefinition(check.found);
  return definition as unknown as Definition;
}

function checkStates(
  check: DefinitionProblems,
  block: Record<string, Json>,
  path: string,
  language: Json,
): void {
  const states = block.States;
  if (!isJsonObject(states)) return check.add(`${path}/States`, 'must be an object');
  const names = Object.keys(states);
  checkTarget(check, block.StartAt, `${path}/StartAt`, names);
  for (const [name, state] of Object.entries(states)) {
    checkState(check, state, `${path}/States/${name}`, names, language);
  }
}

function checkState(
  check: DefinitionProblems,
  state: Json,
  path: string,
  names: readonly string[],
  language: Json,
): void {
  if (!isJsonObject(state)) return check.add(path, 'must be an object');
  const fields = FIELDS[String(state.Type)];
  if (!fields) return check.add(`${path}/Type`, `${JSON.stringify(state.Type)} is not supported`);
  const own = state.QueryLanguage ?? language;
  if (own !== 'JSONata') return checkJsonPathState(check, state, path, names, own, language);
  check.object(state, path, [...COMMON_FIELDS, ...fields]);
  if (fields.includes('Next')) checkFlow(check, state, path, names);
  for (const [field, value] of Object.entries(state)) {
    checkField(check, field, value, `${path}/${field}`, names, language);
  }
  checkTypeRules(check, state, path);
}

function checkJsonPathState(
  check: DefinitionProblems,
  state: Record<string, Json>,
  path: string,
  names: readonly string[],
  own: Json,
  language: Json,
): void {
  if (own !== 'JSONPath' || language === 'JSONata') {
    return check.add(`${path}/QueryLanguage`, `${JSON.stringify(own)} is not supported in a JSONata machine`);
  }
  const fields = JSONPATH_FIELDS[String(state.Type)];
  if (!fields) return check.add(path, `a ${state.Type} state in JSONPath is not supported, only JSONata`);
  for (const [field, value] of Object.entries(state)) {
    const known = [...COMMON_FIELDS, ...fields].includes(field);
    if (!known || isExpression(value)) {
      check.add(`${path}/${field}`, 'is not supported in a JSONPath state, only JSONata');
    }
  }
  if (fields.includes('Next')) checkFlow(check, state, path, names);
  checkTypeRules(check, state, path);
}

/** Rules between the fields of a state. */
function checkTypeRules(check: DefinitionProblems, state: Record<string, Json>, path: string): void {
  const required = { Task: 'Resource', Choice: 'Choices', Parallel: 'Branches', Map: 'ItemProcessor' };
  const field = required[state.Type as keyof typeof required];
  if (field && state[field] === undefined) check.add(`${path}/${field}`, 'is missing');
  if (state.Type === 'Map') checkMap(check, state, path);
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined)) {
    check.add(path, 'must have either Seconds or Timestamp');
  }
}

function checkField(
  check: DefinitionProblems,
  field: string,
  value: Json,
  path: string,
  names: readonly string[],
  language: Json,
): void {
  switch (field) {
    case 'Assign':
      if (!isJsonObject(value)) check.add(path, 'must be an object');
      else if ('states' in value) check.add(`${path}/states`, 'is a reserved variable');
      return check.template(value, path);
    case 'Output':
    case 'Arguments':
    case 'ItemSelector':
      return check.template(value, path);
    case 'Items':
      if (!Array.isArray(value) && !isExpression(value)) check.add(path, 'must be a list or an expression');
      return check.template(value, path);
    case 'Error':
    case 'Cause':
      return check.literalOrExpression(value, path, check.text);
    case 'Seconds':
    case 'MaxConcurrency':
    case 'ToleratedFailureCount':
      return check.literalOrExpression(value, path, (v, p) => check.number(v, p, { integer: true }));
    case 'TimeoutSeconds':
    case 'HeartbeatSeconds':
      return check.literalOrExpression(value, path, (v, p) => check.number(v, p, { integer: true, min: 1 }));
    case 'Timestamp':
      return check.literalOrExpression(value, path, (v, p) => {
        if (typeof v !== 'string' || parseTimestamp(v) === undefined) {
          check.add(p, 'must be an RFC3339 timestamp');
        }
      });
    case 'Resource':
      if (typeof value !== 'string' || !findTaskResource(value)) {
        check.add(path, `${JSON.stringify(value)} is not supported`);
      }
      return;
    case 'Default':
      return checkTarget(check, value, path, names);
    case 'Choices':
      return check
        .array(value, path)
        .forEach((rule, index) => void checkChoiceRule(check, rule, `${path}/${index}`, names));
    case 'Retry':
      return checkList(check, value, path, (item, at) => checkRetrier(check, item, at));
    case 'Catch':
      return checkList(check, value, path, (item, at) => checkCatcher(check, item, at, names));
    case 'Branches':
      return check.array(value, path).forEach((branch, index) => {
        const at = `${path}/${index}`;
        if (check.object(branch, at, BLOCK_FIELDS)) checkStates(check, branch, at, language);
      });
    case 'ItemProcessor':
      return checkItemProcessor(check, value, path, language);
    default:
      return checkMapField(check, field, value, path);
  }
}

function checkFlow(
  check: DefinitionProblems,
  state: Record<string, Json>,
  path: string,
  names: readonly string[],
): void {
  if (state.End === true && state.Next === undefined) return;
  if (state.End !== undefined && state.End !== false) check.add(`${path}/End`, 'must be true, without Next');
  else checkTarget(check, state.Next, `${path}/Next`, names);
}

function checkTarget(
  check: DefinitionProblems,
  target: unknown,
  path: string,
  names: readonly string[],
): void {
  if (!names.includes(target as string)) check.add(path, `${JSON.stringify(target)} is no state here`);
}

/** Retry and Catch may be empty. */
function checkList(
  check: DefinitionProblems,
  value: Json,
  path: string,
  checkItem: (item: Json, path: string) => void,
): void {
  if (!Array.isArray(value)) return check.add(path, 'must be a list');
  value.forEach((item, index) => void checkItem(item, `${path}/${index}`));
}

function checkChoiceRule(
  check: DefinitionProblems,
  rule: Json,
  path: string,
  names: readonly string[],
): void {
  if (!check.object(rule, path, ['Condition', 'Next', 'Assign', 'Output', 'Comment'])) return;
  checkTarget(check, rule.Next, `${path}/Next`, names);
  check.literalOrExpression(rule.Condition, `${path}/Condition`, (value, at) => {
    if (typeof value !== 'boolean') check.add(at, 'must be true, false or an expression');
  });
  checkOutputs(check, rule, path);
}

function checkCatcher(
  check: DefinitionProblems,
  catcher: Json,
  path: string,
  names: readonly string[],
): void {
  if (!check.object(catcher, path, ['ErrorEquals', 'Next', 'Assign', 'Output', 'Comment'])) return;
  checkTarget(check, catcher.Next, `${path}/Next`, names);
  checkErrorEquals(check, catcher, path);
  checkOutputs(check, catcher, path);
}

function checkRetrier(check: DefinitionProblems, retrier: Json, path: string): void {
  const fields = ['IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'];
  if (!check.object(retrier, path, ['ErrorEquals', 'Comment', ...fields])) return;
  checkErrorEquals(check, retrier, path);
  const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = 1 } = retrier;
  check.number(IntervalSeconds, `${path}/IntervalSeconds`, { integer: true, min: 1 });
  check.number(MaxAttempts, `${path}/MaxAttempts`, { integer: true });
  check.number(BackoffRate, `${path}/BackoffRate`, { min: 1 });
  check.number(MaxDelaySeconds, `${path}/MaxDelaySeconds`, { integer: true, min: 1 });
  check.oneOf(retrier.JitterStrategy ?? 'NONE', `${path}/JitterStrategy`, ['FULL', 'NONE']);
}

function checkErrorEquals(check: DefinitionProblems, handler: Record<string, Json>, path: string): void {
  check.array(handler.ErrorEquals, `${path}/ErrorEquals`).forEach((name, index) => {
    check.text(name, `${path}/ErrorEquals/${index}`);
  });
}

function checkOutputs(check: DefinitionProblems, transition: Record<string, Json>, path: string): void {
  if (transition.Output !== undefined) check.template(transition.Output, `${path}/Output`);
  if (transition.Assign !== undefined)
    checkField(check, 'Assign', transition.Assign, `${path}/Assign`, [], null);
}

function checkItemProcessor(check: DefinitionProblems, value: Json, path: string, language: Json): void {
  if (!check.object(value, path, [...BLOCK_FIELDS, 'ProcessorConfig'])) return;
  checkProcessorConfig(check, value.ProcessorConfig, `${path}/ProcessorConfig`);
  checkStates(check, value, path, language);
}
