import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workflowGraph } from '../../../cli/console/workflow-graph.ts';

const definition = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../statemachine/render-workflow.asl.json'), 'utf8'),
);
const graph = workflowGraph(definition);

test('every state of the definition is in the picture, inside of it, and no two lie on each other', () => {
  expect(graph.nodes.map(({ name }) => name)).toEqual(Object.keys(definition.States));
  const boxes = graph.nodes.map(({ x, y, width, height }) => ({
    left: x - width / 2,
    right: x + width / 2,
    top: y - height / 2,
    bottom: y + height / 2,
  }));
  for (const [index, a] of boxes.entries()) {
    expect(a.left >= 0 && a.top >= 0 && a.right <= graph.width && a.bottom <= graph.height).toBe(true);
    for (const b of boxes.slice(index + 1))
      expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true);
  }
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
