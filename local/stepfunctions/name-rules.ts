import { AwsError } from '../aws.ts';

/** The longest name of an execution, in characters. */
const MAX_NAME_LENGTH = 80;

/** Whitespace, brackets, wildcards, the special characters that AWS lists, and control characters. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\ufffe\uffff\p{Cs}]/u;

/** Throws AwsError `ValidationException` (length) or `InvalidName` (characters) unless AWS takes the name. */
export function checkExecutionName(name: string): void {
  if (name.length < 1 || name.length > MAX_NAME_LENGTH) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: ` +
        `Member must have length ${name.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_NAME_LENGTH}`}`,
    );
  }
  if (FORBIDDEN.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
