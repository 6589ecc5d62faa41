import { createHash } from 'node:crypto';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import { type Template, UnsupportedTemplate } from './template.ts';

/** What `Ref` and `Fn::GetAtt` of a resource stand for on this machine. */
export interface ResourceReferences {
  ref(logicalId: string, path: string): string;
  attribute(logicalId: string, attribute: string, path: string): string;
}

/** Replaces the intrinsic functions in a value of the template. */
export interface Resolver {
  /**
   * @param path where the value stands, for error messages
   * Throws UnsupportedTemplate for an intrinsic function or a reference that cannot be resolved.
   */
  resolve(value: unknown, path: string): unknown;
  /** As `resolve`, for a value that must come out as text. */
  text(value: unknown, path: string): string;
  /** Whether a condition of the template's `Conditions` holds. */
  condition(name: string, path: string): boolean;
}

const NO_VALUE = Symbol('AWS::NoValue');

/** Resolves a template's references for this machine's region and account. */
export function createResolver(
  template: Template,
  stackName: string,
  resources: ResourceReferences,
): Resolver {
  const pseudoParameters: Readonly<Record<string, string | symbol>> = {
    'AWS::AccountId': LOCAL_ACCOUNT_ID,
    'AWS::Region': LOCAL_REGION,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:stack/${stackName}/${uuidOf(stackName)}`,
    'AWS::NoValue': NO_VALUE,
  };

  function resolve(value: unknown, path: string): unknown {
    const resolved = resolveAny(value, path);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  function resolveAny(value: unknown, path: string): unknown {
    if (Array.isArray(value))
      return value.map((item, i) => resolveAny(item, `${path}/${i}`)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name && (name === 'Ref' || name.startsWith('Fn::')))
      return callFunction(name, argument, `${path}/${name}`);
    return Object.fromEntries(
      entries
        .map(([key, item]) => [key, resolveAny(item, `${path}/${key}`)])
        .filter(([, item]) => item !== NO_VALUE),
    );
  }

  function callFunction(name: string, argument: unknown, path: string): unknown {
    switch (name) {
      case 'Ref':
        return reference(String(argument), path);
      case 'Fn::GetAtt': {
        const [logicalId = '', attribute = ''] = Array.isArray(argument)
          ? argument.map(String)
          : splitOnce(String(argument), '.');
        return resources.attribute(logicalId, attribute, path);
      }
      case 'Fn::Join': {
        const [separator, items] = list(argument, 2, path);
        return list(resolve(items, path), undefined, path)
          .map((item) => plainText(item, path))
          .join(String(separator));
      }
      case 'Fn::Sub':
        return substitute(argument, path);
      case 'Fn::Select': {
        const [index, items] = list(argument, 2, path);
        const selected = list(resolve(items, path), undefined, path)[Number(resolve(index, path))];
        if (selected === undefined) throw new UnsupportedTemplate(path, `there is no item ${index}`);
        return selected;
      }
      case 'Fn::Split': {
        const [separator, value] = list(argument, 2, path);
        return text(value, path).split(String(separator));
      }
      case 'Fn::FindInMap': {
        const [mapping, ...keys] = list(argument, 3, path).map((key) => text(key, path));
        const [first = '', second = ''] = keys;
        const found = template.Mappings?.[mapping ?? '']?.[first]?.[second];
        if (found === undefined) throw new UnsupportedTemplate(path, `${mapping} has no ${first}/${second}`);
        return found;
      }
      case 'Fn::If': {
        const [condition, yes, no] = list(argument, 3, path);
        return resolveAny(conditionNamed(String(condition), path) ? yes : no, path);
      }
      default:
        throw new UnsupportedTemplate(path, `the intrinsic function ${name} is not supported`);
    }
  }

  function reference(name: string, path: string): unknown {
    const pseudoParameter = pseudoParameters[name];
    if (pseudoParameter !== undefined) return pseudoParameter;
    if (name.startsWith('AWS::')) throw new UnsupportedTemplate(path, `${name} is not supported`);
    const parameter = template.Parameters?.[name];
    if (!parameter) return resources.ref(name, path);
    if (parameter.Default === undefined || parameter.Type.startsWith('AWS::SSM::'))
      throw new UnsupportedTemplate(
        path,
        `the parameter ${name} has no value here, as it has no plain default`,
      );
    return parameter.Default;
  }

  function substitute(argument: unknown, path: string): string {
    const [pattern, variables = {}] = Array.isArray(argument) ? argument : [argument];
    return String(pattern).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return text(variables[name], path);
      return name.includes('.')
        ? resources.attribute(...(splitOnce(name, '.') as [string, string]), path)
        : plainText(reference(name, path), path);
    });
  }

  function conditionNamed(name: string, path: string): boolean {
    const condition = template.Conditions?.[name];
    if (condition === undefined) throw new UnsupportedTemplate(path, `there is no condition ${name}`);
    return holds(condition, `Conditions/${name}`);
  }

  function holds(condition: unknown, path: string): boolean {
    const [name, argument] = Object.entries(condition as object)[0] ?? [];
    switch (name) {
      case 'Fn::Equals': {
        const [left, right] = list(argument, 2, path);
        return text(left, path) === text(right, path);
      }
      case 'Fn::And':
        return list(argument, undefined, path).every((item) => holds(item, path));
      case 'Fn::Or':
        return list(argument, undefined, path).some((item) => holds(item, path));
      case 'Fn::Not':
        return !holds(list(argument, 1, path)[0], path);
      case 'Condition':
        return conditionNamed(String(argument), path);
      default:
        throw new UnsupportedTemplate(path, `the condition function ${name} is not supported`);
    }
  }

  function text(value: unknown, path: string): string {
    return plainText(resolve(value, path), path);
  }

  return { resolve, text, condition: conditionNamed };
}

/** The same at every run. */
function uuidOf(stackName: string): string {
  const digest = createHash('sha256').update(stackName).digest('hex');
  return [digest.slice(0, 8), ...(digest.slice(8, 20).match(/.{4}/g) ?? []), digest.slice(20, 32)].join('-');
}

function plainText(value: unknown, path: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new UnsupportedTemplate(path, `text is needed, not ${JSON.stringify(value) ?? 'nothing'}`);
}

function list(value: unknown, length: number | undefined, path: string): unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw new UnsupportedTemplate(path, `a list${length ? ` of ${length}` : ''} is needed`);
}

function splitOnce(value: string, separator: string): [string, string] {
  const at = value.indexOf(separator);
  return [value.slice(0, at), value.slice(at + separator.length)];
}
