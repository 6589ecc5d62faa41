import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { jobIdSchema } from '../../statemachine/render-request-schema.ts';

export const logger = new Logger();
export const tracer = new Tracer();

/** What a step's log lines and trace are found by. */
export interface StepKeys {
  jobId: unknown;
  executionArn: string;
  renderId?: string;
}

/**
 * Makes a Lambda handler of a step: every log line carries the step's keys, the trace has a subsegment that is
 * found by them, and an error is logged by its name before it goes to the state machine. Inputs and outputs
 * are not logged: they hold props.
 */
export function stepHandler<Input, Output>(
  name: string,
  keysOf: (input: Input) => StepKeys,
  step: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const { jobId, ...known } = keysOf(input);
    // An invalid jobId may be anything, also props in the wrong place.
    const keys = jobIdSchema.safeParse(jobId).success ? { ...known, jobId } : known;
    logger.resetKeys();
    logger.appendKeys(keys);
    return traced(name, async () => {
      if ('jobId' in keys) tracer.putAnnotation('jobId', String(keys.jobId));
      if (keys.renderId !== undefined) tracer.putAnnotation('renderId', keys.renderId);
      try {
        return await step(input);
      } catch (error) {
        logger.error((error as Error).message, { errorName: (error as Error).name });
        throw error;
      }
    });
  };
}

/** Runs a call in an X-Ray subsegment of its own. */
export async function traced<Result>(name: string, call: () => Promise<Result>): Promise<Result> {
  if (!tracer.isTracingEnabled()) return call();
  return tracer.provider.captureAsyncFunc(name, async (subsegment) => {
    try {
      return await call();
    } catch (error) {
      subsegment?.addError(error as Error);
      throw error;
    } finally {
      subsegment?.close();
    }
  }) as Promise<Result>;
}
