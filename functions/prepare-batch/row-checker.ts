import { createHash } from 'node:crypto';
import type { RowProblem } from '../../statemachine/batch-contract.ts';
import type { BatchRow } from '../../statemachine/batch-row.ts';
import type { RenderRequest } from '../../statemachine/contract.ts';
import { requestProblems } from '../../statemachine/parse-render-request.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { type AllowedDestinations, chooseDestination, keyBeforeRender } from '../render/destination.ts';
import { stackProblems } from '../render/stack-problems.ts';
import type { TableRow } from './read-table.ts';
import type { RequestTemplate } from './request-template.ts';

/** Step Functions takes 262,144 bytes of input, in which a row's request has company. */
const MAX_REQUEST_BYTES = 240_000;

/** Makes requests of rows, and finds what is wrong with them by themselves and with each other. */
export class RowChecker {
  readonly #batchId: string;
  readonly #template: RequestTemplate | undefined;
  readonly #destinations: AllowedDestinations;
  readonly #rowOfJob = new Map<string, number>();
  readonly #rowOfKey = new Map<string, number>();

  /** @param template Without it, each row is a whole request. */
  constructor(batchId: string, template: RequestTemplate | undefined, destinations: AllowedDestinations) {
    this.#batchId = batchId;
    this.#template = template;
    this.#destinations = destinations;
  }

  /** The row with its request, or its problems. */
  async check({ number, value }: TableRow): Promise<BatchRow | RowProblem[]> {
    const batchId = this.#batchId;
    const filled = this.#template
      ? await this.#template.fill({ row: value, rowNumber: number, batchId })
      : { request: value, problems: [] };
    const { request, jobId } = readRequest(filled.request, `${batchId}-${number}`);
    const ownJobId = ownJob(value, this.#template && filled.request) ?? jobId;
    const whole = request as RenderRequest;
    const named = {
      ...whole,
      jobId: ownJobId as string,
      context: withRow(whole?.context, { batchId, row: String(number) }),
    };
    const problems = [
      ...filled.problems,
      // Where an expression has failed, that a field is missing is no news.
      ...requestProblems({ ...named, jobId: undefined }, ownJobId)
        .map(splitField)
        .filter(({ field }) => !filled.problems.some((problem) => problem.field === field)),
    ];
    if (problems.length === 0) problems.push(...stackProblems(named, this.#destinations).map(splitField));
    if (problems.length === 0) problems.push(...this.#clashes(named, number));
    const text = JSON.stringify(named);
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_REQUEST_BYTES)
      problems.push({
        field: 'request',
        problem: `has ${bytes} bytes; accepted: at most ${MAX_REQUEST_BYTES}, with larger props named by inputPropsUri`,
      });
    if (problems.length > 0) return problems.map((problem) => ({ row: number, ...problem }));
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    return { batchId, row: number, hash, request: named };
  }

  #clashes(request: BatchRow['request'], number: number) {
    const { jobId } = request;
    const problems = [];
    const job = this.#rowOfJob.get(jobId);
    if (job !== undefined) problems.push({ field: 'jobId', problem: `is also that of row ${job}` });
    this.#rowOfJob.set(jobId, job ?? number);
    const destination = chooseDestination(request, this.#destinations);
    const key = keyBeforeRender(destination, request);
    if (key === undefined) return problems;
    const place = `${destination.bucket}/${key}`;
    const other = this.#rowOfKey.get(place);
    if (other !== undefined && job === undefined)
      problems.push({ field: 'destination.key', problem: `is also that of row ${other}` });
    this.#rowOfKey.set(place, other ?? number);
    return problems;
  }
}

/** The row's column `jobId`, where the template does not say how jobs are named. An empty cell names none. */
function ownJob(row: Readonly<Record<string, unknown>>, filled: unknown): unknown {
  const isNamed = filled === undefined || (filled as { jobId?: unknown } | null)?.jobId !== undefined;
  return isNamed || row.jobId === '' ? undefined : row.jobId;
}

/** A context that is none stays as it is, for the schema to refuse. */
function withRow(context: unknown, about: Readonly<Record<string, string>>): RenderRequest['context'] {
  const isObject = typeof context === 'object' && !Array.isArray(context);
  return (isObject || context === undefined ? { ...about, ...context } : context) as RenderRequest['context'];
}

/** Takes `field: problem` apart. */
function splitField(line: string): { field: string; problem: string } {
  const colon = line.indexOf(': ');
  return { field: line.slice(0, colon), problem: line.slice(colon + 2) };
}
