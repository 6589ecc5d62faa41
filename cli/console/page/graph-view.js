import { html } from './html.js';

/** The share of its size that it is drawn in at least. */
const SMALLEST = 0.62;
/** Of the name of a state that holds others: its middle is there, in pixels from the top. */
const TITLE_MIDDLE = 18;

const MARKS = { done: '✓', failed: '✕', stopped: '■', running: '', never: '' };

/** The definition as a graph, with where the render is. Arrow keys are the browser's: every state is a button. */
export function GraphView({ graph, visits, chosen, onChoose }) {
  const byState = new Map();
  for (const visit of visits) byState.set(visit.state, [...(byState.get(visit.state) ?? []), visit]);
  const taken = takenWays(visits);
  const outer = graph.nodes.filter(({ holdsStates }) => holdsStates);
  const inner = graph.nodes.filter(({ holdsStates }) => !holdsStates);
  const nodes = (of) =>
    of.map(
      (node) =>
        html`<${Node} key=${node.name} node=${node} visits=${byState.get(node.name) ?? []} isChosen=${chosen === node.name} onChoose=${onChoose} />`,
    );
  // Too small to be read, it is moved rather than made smaller still.
  const size = { maxWidth: `${graph.width}px`, minWidth: `${Math.round(graph.width * SMALLEST)}px` };
  return html`<svg class="graph" viewBox=${`0 0 ${graph.width} ${graph.height}`} style=${size}
    role="group" aria-label="The states of the workflow">
    <defs>
      ${['way', 'way taken', 'way taken bad'].map(
        (
          look,
        ) => html`<marker key=${look} id=${look.replaceAll(' ', '-')} class=${look} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
          <path d="M0 .8 7 4 0 7.2z" /></marker>`,
      )}
    </defs>
    ${nodes(outer)}
    <g aria-hidden="true">
      ${sortTaken(graph.edges, taken).map((edge) => {
        const look = `way${taken.has(way(edge.from, edge.to)) ? ` taken${edge.kind === 'catch' ? ' bad' : ''}` : ''}`;
        return html`<path key=${way(edge.from, edge.to)} class=${`${look} ${edge.kind}`} d=${curve(edge.points)} marker-end=${`url(#${look.replaceAll(' ', '-')})`} />`;
      })}
    </g>
    ${nodes(inner)}
  </svg>`;
}

function Node({ node, visits, isChosen, onChoose }) {
  const { name, type, x, y, width, height, waits, holdsStates, ofItemsOf } = node;
  const last = visits.at(-1);
  const look = last?.status ?? 'never';
  const isWaiting = waits && look === 'running';
  const middle = holdsStates ? TITLE_MIDDLE : height / 2;
  const retries = visits.reduce((sum, { attempts }) => sum + Math.max(0, attempts.length - 1), 0);
  const passes = visits.length;
  const told = [
    name,
    ofItemsOf
      ? `in the executions of ${ofItemsOf}`
      : look === 'never'
        ? 'not entered'
        : isWaiting
          ? 'waiting'
          : look,
    passes > 1 && `${passes} passes`,
    retries > 0 && `${retries} ${retries === 1 ? 'retry' : 'retries'}`,
  ].filter(Boolean);
  const choose = () => last && onChoose(last.id);
  const key = (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose();
  };
  const badge = [passes > 1 && `×${passes}`, retries > 0 && `↻${retries}`].filter(Boolean).join(' ');
  const badgeWidth = badge.length * 7 + 12;
  const looks = `node ${look} ${isWaiting ? 'waiting' : ''} ${holdsStates ? 'outer' : ''} ${isChosen ? 'chosen' : ''}`;
  return html`<g class=${look} transform=${`translate(${x - width / 2} ${y - height / 2})`}>
    <g class=${looks} role="button" tabindex=${last ? 0 : -1}
      aria-disabled=${last ? undefined : 'true'} aria-pressed=${isChosen} aria-label=${told.join(', ')} onClick=${choose} onKeyDown=${key}>
      <title>${node.comment}</title>
      <rect width=${width} height=${height} rx=${type === 'Choice' ? 20 : 10} />
      ${look === 'running' && html`<circle class="pulse" cx="20" cy=${middle} r="5" />`}
      <circle class="mark" cx="20" cy=${middle} r=${look === 'never' ? 4 : 8} />
      <text class="sign" aria-hidden="true" x="20" y=${middle + 3.6} text-anchor="middle">${MARKS[look]}</text>
      <text x="36" y=${middle + 4.5}>${name}</text>
    </g>
    ${
      badge &&
      html`<g aria-hidden="true" transform=${`translate(${width + 6 - badgeWidth} 0)`}>
        <rect class="badge" y="-9" width=${badgeWidth} height="18" rx="9" />
        <text class="badge-text" x=${badgeWidth / 2} y="4" text-anchor="middle">${badge}</text>
      </g>`
    }
  </g>`;
}

const way = (from, to) => `${from}>${to}`;

function takenWays(visits) {
  const states = new Map(visits.map(({ id, state }) => [id, state]));
  return new Set(visits.filter(({ from }) => from).map(({ from, state }) => way(states.get(from), state)));
}

/** What was taken lies above the rest. */
function sortTaken(edges, taken) {
  const rank = ({ from, to }) => (taken.has(way(from, to)) ? 1 : 0);
  return [...edges].sort((a, b) => rank(a) - rank(b));
}

/** A curve through the middles between the points of a way. */
function curve(points) {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  let path = `M${first.x} ${first.y}`;
  for (const [index, point] of rest.slice(0, -1).entries()) {
    const next = rest[index + 1];
    const end = next === last ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    path += `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  }
  return rest.length === 1 ? `${path}L${last.x} ${last.y}` : path;
}
