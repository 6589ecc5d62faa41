import type { GatewayCall } from '../../local/gateway.ts';
import { readOperation } from '../../local/s3/operation.ts';
import type { ObservedCall } from './fault-kind.ts';

/** The caller whose calls are the state machine's. */
export const STEP_FUNCTIONS = 'Step Functions';

const OBJECTS: readonly (readonly [RegExp, string])[] = [
  [/^render-workflows\/[^/]+\/jobs\//, 'claim'],
  [/^render-workflows\/[^/]+\/turns\/register\.json$/, 'register'],
  [/^render-workflows\/[^/]+\/turns\/waiting\/$/, 'tickets'],
  [/^render-workflows\/[^/]+\/turns\/waiting\//, 'ticket'],
  [/^render-workflows\/[^/]+\/turns\/last-sweep\.json$/, 'last sweep'],
  [/^render-jobs\//, 'claim of 0.1.0'],
  [/^renders\/[^/]+\/progress\.json$/, 'progress.json'],
  [/^renders\/[^/]+\/cancel\.json$/, 'cancel.json'],
  [/^renders\/[^/]+\/out\./, 'output'],
  [/^renders\/[^/]+\/copy\.json$/, 'copy.json'],
  [/^renders\/[^/]+\/$/, 'render files'],
  [/^renders\/[^/]$/, 'renders/'],
  [/^input-props\//, 'input props'],
  [/^batch-items\//, 'table'],
  [/^render-workflows\/[^/]+\/batch-executions\//, "execution's batch"],
  [/^render-workflows\/[^/]+\/batch-costs\//, 'costs'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/requests\//, "rows' requests"],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/rows\/$/, "rows' results"],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/rows\//, "row's result"],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/map-runs\//, "map run's results"],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/rows\.jsonl$/, 'rows.jsonl'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/stop\.json$/, 'stop.json'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/progress\.json$/, 'progress.json'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/problems\.jsonl$/, 'problems.jsonl'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/results\.jsonl$/, 'results.jsonl'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/results\.csv$/, 'results.csv'],
  [/^render-workflows\/[^/]+\/batches\/[^/]+\/summary\.json$/, 'summary.json'],
];

/** Names a call that arrives at the gateway; undefined for a service that no fault is made for. */
export function observeCall(
  { service, request }: GatewayCall,
  caller: string,
  remotionBucketName: string,
): ObservedCall | undefined {
  const target = caller === 'SweepRenders' ? 'CancelRender' : 'Remotion';
  if (service === 'lambda') return { caller, name: `Invoke ${target}`, way: 'lambda' };
  if (service === 'states')
    return { caller, name: request.headers['x-amz-target']?.split('.')[1] ?? '', way: 'states' };
  if (service === 'sts') return { caller, name: 'GetCallerIdentity', way: 'sts' };
  if (service === 'events') {
    const [entry] = JSON.parse(request.body.toString()).Entries;
    const way = caller === STEP_FUNCTIONS ? 'publication' : 'events';
    return { caller, name: `PutEvents ${entry.DetailType}`, way };
  }
  if (service !== 's3') return undefined;
  const operation = readOperation(request);
  const key = operation.key || (request.query.get('prefix') ?? '');
  const object =
    operation.bucket !== remotionBucketName
      ? 'destination'
      : operation.name === 'DeleteObjects'
        ? 'render files'
        : (OBJECTS.find(([pattern]) => pattern.test(key))?.[1] ?? key);
  const condition = request.headers['if-none-match']
    ? ' (If-None-Match)'
    : request.headers['if-match']
      ? ' (If-Match)'
      : request.headers['x-amz-copy-source-if-match']
        ? ' (If-Source-Match)'
        : '';
  return { caller, name: `${operation.name} ${object}${condition}`, way: 's3' };
}
