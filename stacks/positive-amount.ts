import { Token } from 'aws-cdk-lib/core';

/**
 * An amount of a construct's props as text.
 *
 * @throws Error `InvalidAmount`, naming the prop, when the amount is not greater than 0.
 */
export function positiveAmount(prop: string, amount: number): string {
  if (!Token.isUnresolved(amount) && !(amount > 0 && Number.isFinite(amount))) {
    const error = new Error(`${prop} is ${amount}; expected a number of USD greater than 0, such as 0.5.`);
    error.name = 'InvalidAmount';
    throw error;
  }
  return String(amount);
}
