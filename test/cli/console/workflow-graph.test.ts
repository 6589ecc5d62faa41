import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GraphNode, workflowGraph } from '../../../cli/console/workflow-graph.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../statemachine', `${name}.asl.json`), 'utf8'));
const definition = read('render-workflow');
const graph = workflowGraph(definition);
const ofBatches = workflowGraph(read('render-batch'));

const box = ({ x, y, width, height }: GraphNode) => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2,
});

function isWithin(inner: GraphNode, outer: GraphNode): boolean {
  const [a, b] = [box(inner), box(outer)];
  return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}

function areApart(one: GraphNode, other: GraphNode): boolean {
  const [a, b] = [box(one), box(other)];
  return a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
}

test.each([
  ['renders', graph],
  ['batches', ofBatches],
])('in the picture of %s all lies inside of it, and no two states lie on each other', (_what, picture) => {
  const { width, height, nodes } = picture;
  const whole = { x: width / 2, y: height / 2, width, height } as GraphNode;
  for (const [index, a] of nodes.entries()) {
    expect([a.name, isWithin(a, whole)]).toEqual([a.name, true]);
    for (const b of nodes.slice(index + 1))
      expect([a.name, b.name, areApart(a, b) || (a.holdsStates && isWithin(b, a))]).toEqual([
        a.name,
        b.name,
        true,
      ]);
  }
});

test.each([
  ['renders', graph],
  ['batches', ofBatches],
])('no way of the picture of %s leaves it', (_what, { width, height, edges }) => {
  for (const { from, to, points } of edges)
    for (const { x, y } of points)
      expect([from, to, x >= 0 && x <= width && y >= 0 && y <= height]).toEqual([from, to, true]);
});

test('every state is in the picture, with those inside of a Parallel and a Map', () => {
  expect(graph.nodes.map(({ name }) => name)).toEqual(Object.keys(definition.States));
  const node = (name: string) => ofBatches.nodes.find((each) => each.name === name) as GraphNode;
  for (const name of ['RenderRows', 'WaitForRows', 'BudgetSpent', 'AdmitRow', 'RecordFailedRow'])
    expect([name, isWithin(node(name), node('RunRows'))]).toEqual([name, true]);
  expect(isWithin(node('RecordRow'), node('RenderRows'))).toBe(true);
  expect(isWithin(node('FollowBatch'), node('RenderRows'))).toBe(false);
  // Their passes are in the executions of the rows.
  expect(ofBatches.nodes.filter(({ ofItemsOf }) => ofItemsOf).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['AdmitRow', 'RenderRow', 'RecordRow']),
  );
  expect(node('FollowBatch')).not.toHaveProperty('ofItemsOf');
  expect(ofBatches.edges).toContainEqual(
    expect.objectContaining({ from: 'RecordFailedRow', to: 'AdmitRow' }),
  );
});

test('states that wait are told apart: those of time, and the one that somebody else ends', () => {
  expect(graph.nodes.filter(({ waits }) => waits).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['AwaitTurn', 'WaitForRender', 'WaitForCapacity']),
  );
  expect(graph.nodes.find(({ name }) => name === 'StartRender')).not.toHaveProperty('waits');
});

test('every way of the definition is in the picture, with its kind', () => {
  const ways = graph.edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`);
  expect(ways).toEqual(
    expect.arrayContaining([
      'StartRender next PublishStarted',
      'StartRender catch CancelRender',
      'IsRenderFinished choice WaitForRender',
      'WaitForRender next GetRenderProgress',
    ]),
  );
  expect(new Set(ways).size).toBe(ways.length);
});
