import { Graph, layout } from '@dagrejs/dagre';

/** What the picture needs of a state. */
interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next?: string }[];
  readonly Catch?: readonly { readonly Next?: string }[];
}

interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A state in the picture; lengths in pixels, `x` and `y` of its middle. */
export interface GraphNode {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A way from one state to another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'next' | 'choice' | 'catch';
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface WorkflowGraph {
  readonly width: number;
  readonly height: number;
  readonly startAt: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const WIDTH_OF_A_LETTER = 7.6;
const HEIGHT = 40;

/** Lays a definition in the Amazon States Language out; states inside of a Map or Parallel are not in the picture. */
export function workflowGraph(definition: Definition): WorkflowGraph {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 34, edgesep: 14, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  const states = Object.entries(definition.States);
  for (const [name] of states)
    graph.setNode(name, { width: Math.round(name.length * WIDTH_OF_A_LETTER) + 60, height: HEIGHT });
  const edges = states.flatMap(([name, state]) => waysOut(name, state));
  for (const { from, to, kind } of edges)
    graph.setEdge(from, to, { weight: kind === 'catch' ? 1 : 4, minlen: 1 });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    startAt: definition.StartAt,
    nodes: states.map(([name, { Type, Comment = '' }]) => {
      const node = graph.node(name) as Omit<GraphNode, 'name' | 'type' | 'comment'>;
      const { x, y, width, height } = node;
      return { name, type: Type, comment: Comment, x, y, width, height };
    }),
    edges: edges.map((edge) => ({
      ...edge,
      points: (graph.edge(edge.from, edge.to) as GraphEdge).points.map(({ x, y }) => ({ x, y })),
    })),
  };
}

/** Each once: where two lead to the same state, the first. */
function waysOut(from: string, state: State): Omit<GraphEdge, 'points'>[] {
  const ways = [
    { to: state.Next, kind: 'next' as const },
    ...(state.Choices ?? []).map(({ Next }) => ({ to: Next, kind: 'choice' as const })),
    { to: state.Default, kind: 'choice' as const },
    ...(state.Catch ?? []).map(({ Next }) => ({ to: Next, kind: 'catch' as const })),
  ];
  const found = new Map<string, Omit<GraphEdge, 'points'>>();
  for (const { to, kind } of ways) if (to !== undefined && !found.has(to)) found.set(to, { from, to, kind });
  return [...found.values()];
}
