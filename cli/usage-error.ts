/** The command line or a file that it names cannot be used; nothing was started. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
