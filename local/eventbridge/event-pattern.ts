/** An event pattern that this machine does not evaluate; the message names the part and its path. */
export class UnsupportedEventPattern extends Error {
  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
    this.name = 'UnsupportedEventPattern';
  }
}

/** Whether one value of an event fits one matcher; the value is undefined where the event lacks the field. */
type Test = (value: unknown) => boolean;

/**
 * Turns an EventBridge event pattern into a test of events.
 * Throws UnsupportedEventPattern for a matcher that is not one of: exact values, `prefix`, `suffix`,
 * `equals-ignore-case`, `wildcard`, `anything-but` (values, or one of the four before), `exists`, `numeric`.
 */
export function compileEventPattern(pattern: unknown, path = 'EventPattern'): (event: unknown) => boolean {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw new UnsupportedEventPattern(path, 'an object with at least one field is needed');
  const fields = Object.entries(pattern).map(([name, expected]) => ({
    name,
    test: compileField(expected, `${path}/${name}`),
  }));
  return (event) => fields.every(({ name, test }) => test(isObject(event) ? event[name] : undefined));
}

function compileField(expected: unknown, path: string): Test {
  if (path.endsWith('/$or')) throw new UnsupportedEventPattern(path, '$or is not supported');
  if (!Array.isArray(expected)) {
    const test = compileEventPattern(expected, path);
    // A list in the event matches where one of its items does.
    return (value) => (Array.isArray(value) ? value.some(test) : test(value));
  }
  if (expected.length === 0)
    throw new UnsupportedEventPattern(path, 'a list with at least one value is needed');
  const tests = expected.map((matcher, i) => compileMatcher(matcher, `${path}/${i}`));
  return (value) => {
    const values = Array.isArray(value) ? value : [value];
    return tests.some((test) => values.some(test));
  };
}

function compileMatcher(matcher: unknown, path: string): Test {
  if (!isObject(matcher)) return (value) => value !== undefined && value === matcher;
  const [[name, argument] = ['nothing', undefined], ...others] = Object.entries(matcher);
  if (others.length > 0) throw new UnsupportedEventPattern(path, 'one matcher at a time is needed');
  if (name === 'exists') return (value) => (value !== undefined && !isObject(value)) === argument;
  if (name === 'numeric') return compileNumeric(argument, path);
  if (name === 'anything-but') {
    const excluded = isObject(argument)
      ? [compileText(argument, path)]
      : [argument].flat().map((item) => compileMatcher(item, path));
    return (value) => value !== undefined && !isObject(value) && !excluded.some((test) => test(value));
  }
  return compileText(matcher, path);
}

function compileText(matcher: Record<string, unknown>, path: string): Test {
  const [[name, argument] = ['nothing', undefined]] = Object.entries(matcher);
  if (typeof argument !== 'string')
    throw new UnsupportedEventPattern(path, `${name} is supported with one text only`);
  const tests: Record<string, (text: string) => boolean> = {
    prefix: (text) => text.startsWith(argument),
    suffix: (text) => text.endsWith(argument),
    'equals-ignore-case': (text) => text.toLowerCase() === argument.toLowerCase(),
    wildcard: (text) => wildcard(argument).test(text),
  };
  const test = tests[name];
  if (!test) throw new UnsupportedEventPattern(path, `the matcher ${name} is not supported`);
  return (value) => typeof value === 'string' && test(value);
}

function wildcard(pattern: string): RegExp {
  // `\*` and `\\` stand for themselves.
  const source = pattern.replace(/\\([*\\])|[\\^$.*+?()[\]{}|]/g, (found, escaped?: string) =>
    found === '*' ? '.*' : `\\${escaped ?? found}`,
  );
  return new RegExp(`^${source}$`, 's');
}

function compileNumeric(argument: unknown, path: string): Test {
  const comparisons: Record<string, (value: number, bound: number) => boolean> = {
    '=': (value, bound) => value === bound,
    '<': (value, bound) => value < bound,
    '<=': (value, bound) => value <= bound,
    '>': (value, bound) => value > bound,
    '>=': (value, bound) => value >= bound,
  };
  if (!Array.isArray(argument) || ![2, 4].includes(argument.length))
    throw new UnsupportedEventPattern(path, 'numeric needs one or two comparisons');
  const bounds: { compare: (value: number, bound: number) => boolean; bound: number }[] = [];
  for (let i = 0; i < argument.length; i += 2) {
    const compare = comparisons[argument[i]];
    if (!compare || typeof argument[i + 1] !== 'number')
      throw new UnsupportedEventPattern(path, `numeric ${argument[i]} ${argument[i + 1]} is not supported`);
    bounds.push({ compare, bound: argument[i + 1] });
  }
  return (value) => typeof value === 'number' && bounds.every(({ compare, bound }) => compare(value, bound));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
