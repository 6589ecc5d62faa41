import { useEffect, useRef, useState } from 'preact/hooks';
import { Actions } from './actions.js';
import { renderPath } from './api.js';
import { CallsTable, FaultSwitch, useCalls } from './calls-view.js';
import { Course, Publications } from './course.js';
import { dateAndTime } from './format.js';
import { html } from './html.js';
import { useListed } from './listed.js';
import { useLive, useNow } from './live.js';
import { Outcome } from './outcome.js';
import { Crumbs, Status, TroubleBox } from './parts.js';
import { places } from './place.js';
import { RequestBox } from './request-box.js';

/** How long after an execution's end its calls may still come: the event rule that sees to what was stopped. */
const AFTERMATH_IN_MS = 15_000;

/** One execution of the render workflow. */
export function RenderView({ name, workflow, onConnection }) {
  const [render, setRender] = useState();
  const [chosen, setChosen] = useState();
  const visits = useRef([]);
  const [calls, onCalls] = useCalls();
  const [renders, onRenders] = useListed();
  const isRunning = render?.status === 'RUNNING';
  const isWaiting = isRunning && render.state === 'AwaitTurn';
  // Its place in the line is known from all that wait.
  const more = `${workflow.machine ? '&calls=1' : ''}${isWaiting ? '&renders=1' : ''}`;
  const connection = useLive(`ticket=${workflow.ticket}&render=${encodeURIComponent(name)}${more}`, {
    render(message) {
      visits.current = [...visits.current.slice(0, message.told), ...message.visits];
      setRender(message);
    },
    calls: onCalls,
    renders: onRenders,
  });
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
  const end = render.stoppedAt ?? now;
  const place = isWaiting ? places([...renders.all.values()]).get(name) : undefined;
  const pathOf = (...inside) => renderPath(name, ...inside);
  const ofRender = calls.list.filter(({ at }) => at >= render.startedAt && at <= end + AFTERMATH_IN_MS);
  return html`
    <${Crumbs} name=${render.jobId} />
    <div class="headline">
      <h1>${render.jobId}</h1><${Status} status=${render.status} isWaiting=${isWaiting} />
      <p class="muted">${[render.composition, render.codec, `started ${dateAndTime(render.startedAt)}`].filter(Boolean).join(' · ')}
        ${render.batchId && html` · <a href=${`#/?text=${encodeURIComponent(render.batchId)}`}>row ${render.row} of the batch ${render.batchId}</a>`}</p>
      <${Actions} render=${render} workflow=${workflow} />
    </div>
    ${render.trouble && html`<${TroubleBox} trouble=${render.trouble} title="Step Functions does not answer as it should" />`}
    <${Outcome} render=${render} place=${place} visits=${all} workflow=${workflow} now=${now} />
    <${Course} execution=${render} definition=${workflow} errors=${workflow.errors} visits=${all} chosen=${chosen} onChoose=${setChosen} now=${now} pathOf=${pathOf} />
    <div class="columns even">
      <${RequestBox} name=${name} pathOf=${pathOf} />
      <${Publications} publications=${render.publications}>What CancelRender publishes after a stop is not in the history.<//>
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
