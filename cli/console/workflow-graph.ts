import { Graph, layout } from '@dagrejs/dagre';

/** What the picture needs of a state. */
interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next?: string }[];
  readonly Catch?: readonly { readonly Next?: string }[];
  readonly Branches?: readonly Definition[];
  readonly ItemProcessor?: ItemProcessor;
  /** The older name of ItemProcessor. */
  readonly Iterator?: ItemProcessor;
}

interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

interface ItemProcessor extends Definition {
  readonly ProcessorConfig?: { readonly Mode?: string };
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
  /** It waits: for time to pass, or for somebody to hand its token back. */
  readonly waits?: true;
  /** States lie inside of it. */
  readonly holdsStates?: true;
  /** The Map whose every item goes through it in an execution of its own, so that this history does not tell of it. */
  readonly ofItemsOf?: string;
}

/** A way from one state to another; from a Map or Parallel into its first states there is none. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'next' | 'choice' | 'catch';
  readonly points: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface WorkflowGraph {
  readonly width: number;
  readonly height: number;
  readonly startAt: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const WIDTH_OF_A_LETTER = 8;
const HEIGHT = 40;
/** Above the states inside of another one, for its name, and around them. */
const TITLE = 34;
const MARGIN = 12;

type Picture = Omit<WorkflowGraph, 'startAt'>;

/** Lays a definition in the Amazon States Language out; states inside of a Map or Parallel lie inside of it. */
export function workflowGraph(definition: Definition): WorkflowGraph {
  return { startAt: definition.StartAt, ...picture(definition, undefined) };
}

function picture({ States }: Definition, ofItemsOf: string | undefined): Picture {
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'TB',
    nodesep: 28,
    ranksep: 34,
    edgesep: 14,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  const states = Object.entries(States);
  const insides = new Map(states.map(([name, state]) => [name, inside(name, state, ofItemsOf)]));
  for (const [name] of states) {
    const { width = 0, height = HEIGHT } = insides.get(name) ?? {};
    graph.setNode(name, { width: Math.max(width, Math.round(name.length * WIDTH_OF_A_LETTER) + 60), height });
  }
  const edges = states.flatMap(([name, state]) => waysOut(name, state));
  for (const { from, to, kind } of edges)
    graph.setEdge(from, to, { weight: kind === 'catch' ? 1 : 4, minlen: 1 });
  layout(graph);
  const { height = 0 } = graph.graph() as { height?: number };
  const nodes = states.flatMap(([name, { Type, Comment = '', Resource = '' }]) => {
    const { x, y, width, height } = graph.node(name) as Point & { width: number; height: number };
    const within = insides.get(name);
    const node: GraphNode = {
      name,
      type: Type,
      comment: Comment,
      x,
      y,
      width,
      height,
      ...((Type === 'Wait' || Resource.endsWith('.waitForTaskToken')) && { waits: true }),
      ...(within && { holdsStates: true }),
      ...(ofItemsOf !== undefined && { ofItemsOf }),
    };
    return [node, ...moved(within, x - (within?.width ?? 0) / 2, y - height / 2).nodes];
  });
  const ways = edges.map((edge) => ({
    ...edge,
    points: (graph.edge(edge.from, edge.to) as GraphEdge).points.map(({ x, y }) => ({ x, y })),
  }));
  const waysWithin = states.flatMap(([name]) => {
    const { x, y, height } = graph.node(name) as Point & { height: number };
    const within = insides.get(name);
    return moved(within, x - (within?.width ?? 0) / 2, y - height / 2).edges;
  });
  return framed({ height: Math.ceil(height), nodes, edges: [...ways, ...waysWithin] });
}

/** Moves a picture into its frame: the layout does not count what goes around the states as something in it. */
function framed({ height, nodes, edges }: Omit<Picture, 'width'>): Picture {
  const points = edges.flatMap((edge) => edge.points.map(({ x }) => x));
  const left = Math.min(...points, ...nodes.map(({ x, width }) => x - width / 2));
  const right = Math.max(...points, ...nodes.map(({ x, width }) => x + width / 2));
  return moved({ width: Math.ceil(right - left + 2 * MARGIN), height, nodes, edges }, MARGIN - left, 0);
}

/** What lies inside of a state: its branches beside each other, below its name. */
function inside(
  name: string,
  { Branches, ItemProcessor, Iterator: older }: State,
  outer: string | undefined,
): Picture | undefined {
  const processor = ItemProcessor ?? older;
  const ofItemsOf = processor?.ProcessorConfig?.Mode === 'DISTRIBUTED' ? name : outer;
  const branches = Branches ?? (processor ? [processor] : undefined);
  if (!branches) return undefined;
  let width = 0;
  const placed = branches.map((branch) => {
    const laid = moved(picture(branch, ofItemsOf), width, TITLE - MARGIN);
    width += laid.width;
    return laid;
  });
  return {
    width,
    height: TITLE - MARGIN + Math.max(...placed.map(({ height }) => height)),
    nodes: placed.flatMap(({ nodes }) => nodes),
    edges: placed.flatMap(({ edges }) => edges),
  };
}

function moved(given: Picture | undefined, right: number, down: number): Picture {
  const by = <Place extends Point>(place: Place) => ({ ...place, x: place.x + right, y: place.y + down });
  return {
    width: given?.width ?? 0,
    height: given?.height ?? 0,
    nodes: (given?.nodes ?? []).map(by),
    edges: (given?.edges ?? []).map((edge) => ({ ...edge, points: edge.points.map(by) })),
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
