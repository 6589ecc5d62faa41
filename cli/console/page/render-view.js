import { useEffect, useRef, useState } from 'preact/hooks';
import { Actions } from './actions.js';
import { read, renderPath } from './api.js';
import { CallsTable, FaultSwitch, useCalls } from './calls-view.js';
import { clock, dateAndTime, duration } from './format.js';
import { GraphView } from './graph-view.js';
import { html } from './html.js';
import { Json } from './json-view.js';
import { useLive, useNow } from './live.js';
import { Outcome } from './outcome.js';
import { Copy, Status, TroubleBox } from './parts.js';
import { TimelineView } from './timeline-view.js';
import { VisitView } from './visit-view.js';

/** How long after an execution's end its calls may still come: the event rule that sees to what was stopped. */
const AFTERMATH_IN_MS = 15_000;

/** One execution. */
export function RenderView({ name, workflow, onConnection }) {
  const [render, setRender] = useState();
  const [chosen, setChosen] = useState();
  const visits = useRef([]);
  const [calls, onCalls] = useCalls();
  const machine = workflow.machine ? '&calls=1' : '';
  const connection = useLive(`ticket=${workflow.ticket}&render=${encodeURIComponent(name)}${machine}`, {
    render(message) {
      visits.current = [...visits.current.slice(0, message.told), ...message.visits];
      setRender(message);
    },
    calls: onCalls,
  });
  const isRunning = render?.status === 'RUNNING';
  const now = useNow(isRunning ? 250 : 5000);
  useEffect(() => onConnection(connection), [connection]);
  useEffect(() => {
    document.title = `${render?.jobId ?? name} · Renders`;
  }, [render?.jobId]);
  if (!render)
    return html`<${Crumbs} name=${name} /><h1>${name}</h1><p class="muted loading">Loading the execution…</p>`;
  if (!render.name)
    return html`<${Crumbs} name=${name} /><h1>${name}</h1><${TroubleBox} trouble=${render.trouble ?? { message: 'Nothing is known of it yet.' }} title="This execution cannot be shown" />`;

  const all = visits.current;
  const visit = all.find(({ id }) => id === chosen) ?? mostTelling(all);
  const end = render.stoppedAt ?? now;
  const types = new Map(workflow.graph?.nodes.map((node) => [node.name, node]));
  const waits = new Set(workflow.graph?.nodes.filter(({ type }) => type === 'Wait').map((node) => node.name));
  const ofRender = calls.list.filter(({ at }) => at >= render.startedAt && at <= end + AFTERMATH_IN_MS);
  return html`
    <${Crumbs} name=${render.jobId} />
    <div class="headline">
      <h1>${render.jobId}</h1><${Status} status=${render.status} />
      <p class="muted">${[render.composition, render.codec, `started ${dateAndTime(render.startedAt)}`].filter(Boolean).join(' · ')}</p>
      <${Actions} render=${render} workflow=${workflow} />
    </div>
    ${render.trouble && html`<${TroubleBox} trouble=${render.trouble} title="Step Functions does not answer as it should" />`}
    <${Outcome} render=${render} visits=${all} workflow=${workflow} now=${now} />
    <div class="columns">
      <section class="box workflow" aria-labelledby="graph-title">
        <h2 id="graph-title">Workflow</h2>
        ${workflow.graph ? html`<${GraphView} graph=${workflow.graph} visits=${all} chosen=${visit?.state} onChoose=${setChosen} />` : html`<${TroubleBox} trouble=${workflow.graphTrouble} title="The definition cannot be read" />`}
      </section>
      <div class="column">
        <section class="box" aria-labelledby="timeline-title">
          <div class="title"><h2 id="timeline-title">Timeline</h2><span class="muted">${duration(end - render.startedAt)}${render.redriven.length > 0 ? ` · redriven at ${render.redriven.map(clock).join(', ')}` : ''}</span></div>
          <${TimelineView} visits=${all} from=${render.startedAt} to=${end} waits=${waits} chosen=${visit?.id} onChoose=${setChosen} />
        </section>
        ${visit && html`<${VisitView} name=${name} visit=${visit} visits=${all} comment=${types.get(visit.state)?.comment} errors=${workflow.errors} now=${now} onChoose=${setChosen} />`}
      </div>
    </div>
    <div class="columns even">
      <${Request} name=${name} />
      <${Publications} publications=${render.publications} />
    </div>
    ${
      workflow.machine &&
      html`<section class="box" aria-labelledby="calls-title">
        <div class="title"><h2 id="calls-title">Calls</h2><span class="muted">of all roles, while it ran</span></div>
        <${FaultSwitch} machine=${workflow.machine} fault=${calls.fault} />
        <${CallsTable} calls=${ofRender} />
      </section>`
    }
  `;
}

function Crumbs({ name }) {
  return html`<nav class="crumbs" aria-label="Where this is"><a href="#/">All renders</a> <span aria-hidden="true">/</span> <span>${name}</span></nav>`;
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

function Request({ name }) {
  const [request, setRequest] = useState();
  useEffect(() => {
    read(renderPath(name, 'request')).then(
      (answer) => setRequest(answer.request),
      () => {},
    );
  }, [name]);
  return html`<section class="box" aria-labelledby="request-title">
    <div class="title"><h2 id="request-title">Request</h2>${request !== undefined && html`<${Copy} text=${JSON.stringify(request, null, 2)}>Copy<//>`}</div>
    ${request !== undefined && html`<${Json} value=${request} />`}
  </section>`;
}

function Publications({ publications }) {
  return html`<section class="box" aria-labelledby="events-title">
    <h2 id="events-title">Events published</h2>
    ${publications.length === 0 && html`<p class="muted">None yet. What CancelRender publishes after a stop is not in the history.</p>`}
    ${publications.map(
      ({ at, detailType, detail, taken }) => html`<details key=${at} class="publication">
        <summary><strong>${detailType}</strong> <span class="muted">${clock(at)}${taken === false ? ' · not taken by EventBridge' : ''}</span></summary>
        <${Json} value=${detail} />
      </details>`,
    )}
  </section>`;
}
