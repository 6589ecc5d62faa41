import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { eventJsonSchemas } from '../../statemachine/event-json-schemas.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { executionArn, nameOf, regionOf } from '../find-state-machine.ts';
import { startByRequest } from '../start-execution.ts';
import { stopExecution } from '../watch-to-end.ts';
import { checkRequest } from './check-request.ts';
import type { ConsoleOptions } from './console-options.ts';
import { deliveredFiles, FileAddresses } from './delivered-files.ts';
import type { Guard } from './guard.ts';
import { Refusal, readJson, sendJson } from './http.ts';
import { liveStream } from './live-stream.ts';
import { RenderFeed } from './render-feed.ts';
import { parse } from './render-story.ts';
import { RendersList } from './renders-list.ts';
import { samples } from './samples.ts';
import { describeTrouble, describeVideoTrouble } from './trouble.ts';
import { workflowGraph } from './workflow-graph.ts';

/** Between two looks at the list, and after a call of many: AWS lets an account describe 15 executions a second. */
const PACE_ON_AWS = { intervalInMs: 3_000, pauseInMs: 800 };
const PACE_HERE = { intervalInMs: 1_000, pauseInMs: 0 };

/** Executions whose history is kept after nobody has looked at it any more: the last. */
const KEPT_FEEDS = 20;

/** Answers what is asked under `api/`. */
type Api = (
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/** @param epoch names this run of the server */
export function createConsoleApi(options: ConsoleOptions, guard: Guard, epoch: string): Api {
  const { clients, stateMachineArn, endpoint, machine } = options;
  const { sfn, s3 } = clients;
  const pace = endpoint === undefined ? PACE_ON_AWS : PACE_HERE;
  const list = new RendersList(sfn, stateMachineArn, pace.intervalInMs, pace.pauseInMs);
  const addresses = new FileAddresses(s3);
  const feeds = new Map<string, RenderFeed>();

  function feedOf(name: string): RenderFeed {
    const feed = feeds.get(name) ?? new RenderFeed(sfn, executionArn(name, stateMachineArn));
    feeds.delete(name);
    feeds.set(name, feed);
    for (const oldest of [...feeds.keys()].slice(0, Math.max(0, feeds.size - KEPT_FEEDS)))
      feeds.delete(oldest);
    return feed;
  }

  /** A feed that knows its execution. */
  async function known(
    name: string,
  ): Promise<RenderFeed & { execution: NonNullable<RenderFeed['execution']> }> {
    const feed = feedOf(name);
    if (!feed.execution) await feed.read();
    if (feed.execution) return feed as RenderFeed & { execution: NonNullable<RenderFeed['execution']> };
    throw new Refusal(404, feed.trouble?.message ?? 'There is no such execution.');
  }

  async function describeWorkflow(): Promise<object> {
    const graph = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn })).then(
      ({ definition = '' }) => ({ graph: workflowGraph(JSON.parse(definition)) }),
      (error: Error) => ({ graphTrouble: describeTrouble(error) }),
    );
    return {
      ...graph,
      stateMachineArn,
      name: nameOf(stateMachineArn),
      region: regionOf(stateMachineArn),
      ...(endpoint && { endpoint }),
      schema: eventJsonSchemas()['render-requested.json'],
      errors: WORKFLOW_ERRORS,
      samples: samples(),
      ticket: guard.ticket,
      ...(machine && {
        machine: {
          logFile: machine.logFile,
          faultKinds: machine.faultKinds,
          faultTargets: machine.faultTargets,
        },
      }),
    };
  }

  async function start(request: unknown): Promise<object> {
    const problems = checkRequest(request);
    if (problems.length > 0) return { problems };
    const name = nameOf(await startByRequest(sfn, stateMachineArn, request));
    void list.look();
    return { name };
  }

  async function file(name: string, index: string, query: URLSearchParams, response: ServerResponse) {
    const { execution } = await known(name);

    const wanted = deliveredFiles(parse(execution.output))[Number(index)];
    if (!wanted) throw new Refusal(404, 'The execution has delivered no such file.');
    // At an endpoint of one's own the page has the same origin, and the link itself says that it is to be saved.
    const location = await addresses.sign(wanted, endpoint === undefined && query.has('download'));
    response.writeHead(302, { location, 'cache-control': 'no-store' }).end();
  }

  /** Why a browser gets no video, which it does not tell the page itself. */
  async function videoTrouble(name: string): Promise<object> {
    const { execution } = await known(name);
    const [video] = deliveredFiles(parse(execution.output));
    if (!video) return {};
    return s3.send(new HeadObjectCommand({ Bucket: video.bucket, Key: video.key })).then(
      () => ({}),
      (error: Error) => ({ trouble: describeVideoTrouble(error, video) }),
    );
  }

  async function visit(name: string, id: string): Promise<object> {
    const { story } = await known(name);
    const found = story.visits.find((each) => each.id === Number(id));
    if (!found) throw new Refusal(404, 'There is no such state in the history.');
    const { input, output, attempts } = found;
    return {
      ...(input !== undefined && { input: parse(input) ?? null }),
      ...(output !== undefined && { output: parse(output) ?? null }),
      attempts,
    };
  }

  async function change(path: string, body: unknown): Promise<object> {
    const [what, name = '', how] = path.split('/').map(decodeURIComponent);
    if (path === 'check') return { problems: checkRequest(body) };
    if (path === 'renders') return start(body);
    if (path === 'fault' && machine) {
      machine.setFault((body as { fault?: { kind: string; target: string } }).fault);
      return {};
    }
    if (what !== 'renders' || !['stop', 'redrive'].includes(how ?? '')) throw new Refusal(404, 'Not known.');
    const arn = executionArn(name, stateMachineArn);
    if (how === 'stop') await stopExecution(clients, arn, 'Stopped on the page of remotion-step-functions.');
    else await sfn.send(new RedriveExecutionCommand({ executionArn: arn }));
    void list.look();
    await feedOf(name).read();
    return {};
  }

  async function read(path: string): Promise<object> {
    const [what, name = '', which, id = ''] = path.split('/').map(decodeURIComponent);
    if (path === 'workflow') return describeWorkflow();
    if (what === 'renders' && which === 'visits') return visit(name, id);
    if (what === 'renders' && which === 'video') return videoTrouble(name);
    if (what === 'renders' && which === 'request') {
      const { execution } = await known(name);
      return { request: readRequest(parse(execution.input), name).request };
    }
    throw new Refusal(404, 'Not known.');
  }

  return async (path, query, request, response) => {
    const [what, name = '', which, id = ''] = path.split('/').map(decodeURIComponent);
    if (path === 'live' || which === 'files') guard.checkTicket(request, query.get('ticket'));
    else guard.checkToken(request);
    if (request.method === 'POST')
      return sendJson(response, 200, await change(path, await readJson(request)));
    if (request.method !== 'GET') throw new Refusal(405, 'Only GET and POST are answered.');
    if (what === 'renders' && which === 'files') return file(name, id, query, response);
    if (path !== 'live') return sendJson(response, 200, await read(path));
    const render = query.get('render');
    liveStream(response, {
      epoch,
      lastEventId: String(request.headers['last-event-id'] ?? ''),
      ...(query.has('list') && { list }),
      ...(render && { feed: feedOf(render) }),
      ...(query.has('calls') && machine && { machine }),
    });
  };
}
