import { readRemotionDeployment } from '../render/remotion-deployment.ts';
import { RenderClaims } from '../render/render-claims.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { measure, secondsSince } from '../runtime/measure.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, traced } from '../runtime/step-handler.ts';
import { readTurns } from '../turns/read-turns.ts';
import { readTicketId } from '../turns/ticket-id.ts';
import type { Turns } from '../turns/turns.ts';
import { cancelAgain } from './cancel-again.ts';
import { Executions, type SweptExecution } from './executions.ts';
import { sweepEnded } from './sweep-ended.ts';
import { sweepLine } from './sweep-line.ts';
import { sweepPlaces } from './sweep-places.ts';

const deployment = readRemotionDeployment();
const { JOBS_PREFIX, TURNS_PREFIX, STATE_MACHINE_ARN, CANCEL_RENDER_FUNCTION_NAME } = requireEnvironment(
  'JOBS_PREFIX',
  'TURNS_PREFIX',
  'STATE_MACHINE_ARN',
  'CANCEL_RENDER_FUNCTION_NAME',
);
const hasLimit = process.env.MAX_CONCURRENT_RENDERS !== undefined;
const s3 = shortCallsS3Client();
const claims = new RenderClaims(s3, deployment.bucketName, JOBS_PREFIX);
const turns = readTurns(s3, deployment.bucketName) as Turns;
const executions = new Executions(STATE_MACHINE_ARN);

/**
 * Finds what no event told: renders, places and tickets of executions that have ended, and tickets that were not
 * called or have waited for as long as they may. What it does changes nothing that somebody else has done already.
 */
export const handler = (): Promise<void> =>
  traced('SweepRenders', async () => {
    const cancelled = new Set<string>();
    const cancel = async (execution: SweptExecution) => {
      if (cancelled.has(execution.executionArn)) return false;
      cancelled.add(execution.executionArn);
      logger.info('Cancelled again', { executionArn: execution.executionArn, status: execution.status });
      await cancelAgain(CANCEL_RENDER_FUNCTION_NAME, execution);
      return true;
    };
    const running = await executions.running();
    const { found: tickets, waiting: line } = await sweepLine(turns, executions, running);
    const places = await sweepPlaces(turns, executions, running, cancel);
    const key = `${TURNS_PREFIX}last-sweep.json`;
    const renders = await sweepEnded({ s3, claims, deployment, key, executions, running, cancel });
    const given = (await turns.places()).map(({ ticket }) => ticket);
    const waiting = line.filter((id) => !given.includes(id));
    const oldest = Math.min(...waiting.map((id) => readTicketId(id).arrivedAt));
    measure({
      SweepFound: tickets + places + renders,
      ...(hasLimit && {
        RunningRenders: given.length,
        WaitingRenders: waiting.length,
        OldestTicketAge: waiting.length === 0 ? 0 : secondsSince(oldest),
      }),
    });
  });
