import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { eventJsonSchemas } from '../../statemachine/event-json-schemas.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { nameOf, regionOf } from '../find-state-machine.ts';
import { startByRequest } from '../start-execution.ts';
import { BatchesApi } from './batches-api.ts';
import { checkRequest } from './check-request.ts';
import type { ConsoleOptions } from './console-options.ts';
import { definitionGraph } from './definition-graph.ts';
import { deliveredFiles, FileAddresses, redirectToFile } from './delivered-files.ts';
import { parse } from './execution-story.ts';
import { ExecutionsApi } from './executions-api.ts';
import type { Guard } from './guard.ts';
import { Refusal, readJson, sendJson } from './http.ts';
import { type ListedRender, learnRender } from './listed-render.ts';
import { liveStream, type Watched } from './live-stream.ts';
import { renderMessage } from './render-message.ts';
import { samples } from './samples.ts';
import { describeTrouble, describeVideoTrouble } from './trouble.ts';

/** Renders that the page lists at most: the newest. */
const MOST = 1_000;

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
  const renders = new ExecutionsApi<ListedRender>({
    sfn,
    stateMachineArn,
    isHere: endpoint !== undefined,
    most: MOST,
    learn: (arn, listed, watched) => learnRender(sfn, arn, listed, watched),
  });
  const addresses = new FileAddresses(s3);
  let foundBatches: Promise<BatchesApi | undefined> | undefined;

  /** Undefined where the workflow renders no batches. What could not be found out is tried again. */
  function batches(): Promise<BatchesApi | undefined> {
    foundBatches ??= (async () => {
      const arn = await options.findBatchMachine?.();
      return arn === undefined ? undefined : new BatchesApi(options, arn);
    })();
    foundBatches.catch(() => {
      foundBatches = undefined;
    });
    return foundBatches;
  }

  async function theBatches(): Promise<BatchesApi> {
    const found = await batches();
    if (found) return found;
    throw new Refusal(404, 'This workflow has no batches.');
  }

  async function describeWorkflow(): Promise<object> {
    const [graph, ofBatches] = await Promise.all([
      definitionGraph(sfn, stateMachineArn),
      batches().then(
        (found) => found?.describe(),
        (error: Error) => ({ trouble: describeTrouble(error) }),
      ),
    ]);
    return {
      ...graph,
      stateMachineArn,
      name: nameOf(stateMachineArn),
      region: regionOf(stateMachineArn),
      ...(endpoint && { endpoint }),
      ...(ofBatches && { batches: ofBatches }),
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
    void renders.list.look();
    return { name };
  }

  async function delivered(name: string) {
    const { execution } = await renders.feeds.known(name);
    return deliveredFiles(parse(execution.output));
  }

  async function file(name: string, index: string, query: URLSearchParams, response: ServerResponse) {
    const wanted = (await delivered(name))[Number(index)];
    if (!wanted) throw new Refusal(404, 'The execution has delivered no such file.');
    // At an endpoint of one's own the page has the same origin, and the link itself says that it is to be saved.
    await redirectToFile(response, addresses, wanted, endpoint === undefined && query.has('download'));
  }

  /** Why a browser gets no video, which it does not tell the page itself. */
  async function videoTrouble(name: string): Promise<object> {
    const [video] = await delivered(name);
    if (!video) return {};
    return s3.send(new HeadObjectCommand({ Bucket: video.bucket, Key: video.key })).then(
      () => ({}),
      (error: Error) => ({ trouble: describeVideoTrouble(error, video) }),
    );
  }

  async function change(path: string, body: unknown): Promise<object> {
    const [what, name = '', how = ''] = path.split('/').map(decodeURIComponent);
    if (path === 'check') return { problems: checkRequest(body) };
    if (path === 'renders') return start(body);
    if (path === 'fault' && machine) {
      machine.setFault((body as { fault?: { kind: string; target: string } }).fault);
      return {};
    }
    if (what === 'batches' && how === 'finish') await (await theBatches()).finish(name);
    else if (what === 'batches' && how === 'retry') return { name: await (await theBatches()).retry(name) };
    else if (what === 'batches' && how === 'stop') await (await theBatches()).stop(name);
    else if (what === 'renders' && how === 'stop') await renders.stop(name);
    else if (what === 'renders' && how === 'redrive') await renders.redrive(name);
    else throw new Refusal(404, 'Not known.');
    return {};
  }

  async function read(path: string): Promise<object> {
    const [what, name = '', which, id = ''] = path.split('/').map(decodeURIComponent);
    if (path === 'workflow') return describeWorkflow();
    if (what === 'renders' && which === 'visits') return renders.visit(name, id);
    if (what === 'renders' && which === 'video') return videoTrouble(name);
    if (what === 'renders' && which === 'request') {
      const { execution } = await renders.feeds.known(name);
      return { request: readRequest(parse(execution.input), name).request };
    }
    if (what === 'batches' && which === 'visits') return (await theBatches()).visit(name, id);
    if (what === 'batches' && which === 'request')
      return { request: await (await theBatches()).request(name) };
    throw new Refusal(404, 'Not known.');
  }

  async function watchedBy(query: URLSearchParams): Promise<Watched | undefined> {
    const [render, batch] = [query.get('render'), query.get('batch')];
    if (batch) return (await theBatches()).watched(batch);
    if (!render) return undefined;
    const feed = renders.feeds.of(render);
    return {
      event: 'render',
      feed,
      listen: (listener) => feed.listen(listener),
      message: (told) => renderMessage(feed, told),
    };
  }

  return async (path, query, request, response) => {
    const [what, name = '', which, id = ''] = path.split('/').map(decodeURIComponent);
    if (path === 'live' || which === 'files') guard.checkTicket(request, query.get('ticket'));
    else guard.checkToken(request);
    if (request.method === 'POST')
      return sendJson(response, 200, await change(path, await readJson(request)));
    if (request.method !== 'GET') throw new Refusal(405, 'Only GET and POST are answered.');
    if (what === 'renders' && which === 'files') return file(name, id, query, response);
    if (what === 'batches' && which === 'files')
      return (await theBatches()).file(name, id, addresses, response);
    if (path !== 'live') return sendJson(response, 200, await read(path));
    const watched = await watchedBy(query);
    // That they cannot be found is told with the workflow.
    const ofBatches = query.has('batches') ? await batches().catch(() => undefined) : undefined;
    liveStream(response, {
      epoch,
      lastEventId: String(request.headers['last-event-id'] ?? ''),
      ...(query.has('renders') && { renders: renders.list }),
      ...(ofBatches && { batches: ofBatches.list }),
      ...(watched && { watched }),
      ...(query.has('calls') && machine && { machine }),
    });
  };
}
