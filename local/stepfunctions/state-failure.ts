/** Error names that no Retry and no Catch matches, not even `States.ALL`. */
const TERMINAL_ERRORS = new Set(['States.Runtime']);

/** A state that failed with an error name and a cause, either of which a Fail state may leave out. */
export class StateFailure extends Error {
  readonly error: string | undefined;
  readonly causeText: string | undefined;
  constructor(error: string | undefined, cause: string | undefined) {
    super(`${error ?? 'no error name'}: ${cause ?? 'no cause'}`);
    this.name = 'StateFailure';
    this.error = error;
    this.causeText = cause;
  }

  /** Whether an `ErrorEquals` list names this failure. */
  matches(errorEquals: readonly string[]): boolean {
    const { error } = this;
    if (error !== undefined && TERMINAL_ERRORS.has(error)) return false;
    return errorEquals.some(
      (name) =>
        name === 'States.ALL' ||
        (error !== undefined && name === error) ||
        (name === 'States.TaskFailed' && error !== 'States.Timeout'),
    );
  }
}

/**
 * A value that a started Map cannot run with. Recorded on AWS: no MapStateFailed event comes, and no Catch
 * matches it.
 */
export class FieldRefused extends StateFailure {
  constructor(cause: string) {
    super('States.Runtime', cause);
  }
}
