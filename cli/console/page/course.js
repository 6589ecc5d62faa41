import { clock, duration } from './format.js';
import { GraphView } from './graph-view.js';
import { html } from './html.js';
import { Json } from './json-view.js';
import { TroubleBox } from './parts.js';
import { TimelineView } from './timeline-view.js';
import { VisitView } from './visit-view.js';

/**
 * How an execution went through its definition: the graph, the timeline, and the chosen pass through a state.
 *
 * @param definition `{ graph }` or `{ graphTrouble }`
 * @param pathOf makes the API's path of something of the execution
 */
export function Course({ execution, definition, errors, visits, chosen, onChoose, now, pathOf, isWide }) {
  const { startedAt, stoppedAt, redriven } = execution;
  const { graph, graphTrouble } = definition;
  const visit = visits.find(({ id }) => id === chosen) ?? mostTelling(visits);
  const end = stoppedAt ?? now;
  const waits = new Set(graph?.nodes.filter((node) => node.waits).map(({ name }) => name));
  const comment = graph?.nodes.find(({ name }) => name === visit?.state)?.comment;
  return html`<div class="columns ${isWide ? 'wide' : ''}">
    <section class="box workflow" aria-labelledby="graph-title">
      <h2 id="graph-title">Workflow</h2>
      ${graph ? html`<${GraphView} graph=${graph} visits=${visits} chosen=${visit?.state} onChoose=${onChoose} />` : html`<${TroubleBox} trouble=${graphTrouble} title="The definition cannot be read" />`}
    </section>
    <div class="column">
      <section class="box" aria-labelledby="timeline-title">
        <div class="title"><h2 id="timeline-title">Timeline</h2><span class="muted">${duration(end - startedAt)}${redriven.length > 0 ? ` · redriven at ${redriven.map(clock).join(', ')}` : ''}</span></div>
        <${TimelineView} visits=${visits} from=${startedAt} to=${end} waits=${waits} chosen=${visit?.id} onChoose=${onChoose} />
      </section>
      ${visit && html`<${VisitView} pathOf=${pathOf} visit=${visit} visits=${visits} comment=${comment} errors=${errors} now=${now} onChoose=${onChoose} />`}
    </div>
  </div>`;
}

/** Where it is; after a failure the state that failed first, else the last but the end. */
function mostTelling(visits) {
  const running = visits.findLast(({ status }) => status === 'running');
  const failed = visits.find(({ status, attempts }) => status === 'failed' && attempts.length > 0);
  return (
    running ??
    failed ??
    visits.findLast(({ attempts, state }) => attempts.length > 0 && !/^Publish/.test(state)) ??
    visits.at(-1)
  );
}

/** The events that the state machine has published. */
export function Publications({ publications, children }) {
  return html`<section class="box" aria-labelledby="events-title">
    <h2 id="events-title">Events published</h2>
    ${publications.length === 0 && html`<p class="muted">None yet. ${children}</p>`}
    ${publications.map(
      ({ at, detailType, detail, taken }) => html`<details key=${at} class="publication">
        <summary><strong>${detailType}</strong> <span class="muted">${clock(at)}${taken === false ? ' · not taken by EventBridge' : ''}</span></summary>
        <${Json} value=${detail} />
      </details>`,
    )}
  </section>`;
}
