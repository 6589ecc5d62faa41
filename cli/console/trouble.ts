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

/** Why an object that was delivered cannot be read. S3 answers a HEAD with a status alone. */
export function describeVideoTrouble(
  error: Error,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Trouble {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const what = `s3://${bucket}/${key}`;
  if (status === 404)
    return {
      message: `${what} is not there any more.`,
      remedy: 'Was it moved or deleted, by hand or by a lifecycle rule?',
    };
  if (status === 403)
    return {
      message: `The role that this shell uses may not read ${what}.`,
      remedy: `Let it do s3:GetObject on arn:aws:s3:::${bucket}/*, and kms:Decrypt with the bucket's key if it has one.`,
    };
  return describeTrouble(error);
}
