import { describeAwsProblem, isAwsProblem } from '../aws-problem.ts';

/** What went wrong with a call of AWS, for the person at the page. */
export interface Trouble {
  readonly message: string;
  readonly remedy?: string;
  /** It may be well a little later; the page tries again by itself. */
  readonly isPassing?: true;
}

/** Says what went wrong, in the words of the command. */
export function describeTrouble(error: Error, isPassing = false): Trouble {
  const text = isAwsProblem(error) ? describeAwsProblem(error) : error.message;
  const [message = '', remedy] = text.split('\nWhat to do: ');
  return { message, ...(remedy && { remedy }), ...(isPassing && { isPassing: true }) };
}
