import { parseRenderRequest } from '../../statemachine/parse-render-request.ts';

/** What Step Functions takes as the input of an execution. */
const MAX_INPUT_IN_BYTES = 256 * 1024;

/** A field of a request that is wrong. */
export interface FieldProblem {
  /** `render.codec`; `request` for the whole. */
  readonly field: string;
  readonly message: string;
}

/** What the workflow would refuse a request for, in its words; empty for one that it takes. */
export function checkRequest(request: unknown): FieldProblem[] {
  const size = Buffer.byteLength(JSON.stringify(request) ?? '');
  if (size > MAX_INPUT_IN_BYTES) {
    const message = `It has ${size} bytes, and Step Functions takes ${MAX_INPUT_IN_BYTES}. Put the input props into S3 and name them with render.inputPropsUri.`;
    return [{ field: 'request', message }];
  }
  const { jobId = 'job' } = (request ?? {}) as { jobId?: unknown };
  try {
    parseRenderRequest(request, jobId);
    return [];
  } catch (error) {
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => {
      const end = line.indexOf(': ');
      return { field: line.slice(0, end), message: line.slice(end + 2) };
    });
  }
}
