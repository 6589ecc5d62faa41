import { AwsError } from '../aws.ts';

const TOKEN_PATTERN = /^[!-~]{1,64}$/;
const TOKENS_KEPT = 10;
const VALID_FOR_IN_MS = 15 * 60 * 1000;

/** Client tokens that have redriven one execution: the last ten of the last 15 minutes. */
export class ClientTokens {
  readonly #usedAt = new Map<string, number>();

  /**
   * When the token was used, or undefined; both times in milliseconds since 1970.
   * Throws AwsError `ValidationException` for what is no client token.
   */
  find(token: string, now: number): number | undefined {
    if (!TOKEN_PATTERN.test(token)) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${token}' at 'clientToken' failed to satisfy constraint: ` +
          'Member must have 1 to 64 characters from ! to ~',
      );
    }
    const usedAt = this.#usedAt.get(token);
    return usedAt !== undefined && now - usedAt <= VALID_FOR_IN_MS ? usedAt : undefined;
  }

  add(token: string, now: number): void {
    this.#usedAt.delete(token);
    this.#usedAt.set(token, now);
    const [oldest] = this.#usedAt.keys();
    if (this.#usedAt.size > TOKENS_KEPT && oldest !== undefined) this.#usedAt.delete(oldest);
  }
}
