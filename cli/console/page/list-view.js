import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ago, count, dateAndTime, duration, percent, STATUSES, usd } from './format.js';
import { html } from './html.js';
import { useLive, useNow } from './live.js';
import { memo } from './memo.js';
import { Bar, Empty, Status, TroubleBox } from './parts.js';

const FILTERS = [
  ['', 'All', () => true],
  ['running', 'Running', ({ status }) => status === 'RUNNING'],
  ['done', 'Delivered', ({ status }) => status === 'SUCCEEDED'],
  ['failed', 'Failed', ({ status }) => status === 'FAILED' || status === 'TIMED_OUT'],
  ['stopped', 'Stopped', ({ status }) => status === 'ABORTED'],
];

/** All executions, newest first. */
export function ListView({ workflow, onConnection }) {
  const renders = useRef(new Map());
  const [version, setVersion] = useState(0);
  const [trouble, setTrouble] = useState();
  const [filter, setFilter] = useState('');
  const [text, setText] = useState('');
  const now = useNow(1000);
  const connection = useLive(`ticket=${workflow.ticket}&list=1`, {
    list({ isWhole, renders: changed, trouble: newTrouble }) {
      if (isWhole) renders.current.clear();
      for (const render of changed) renders.current.set(render.name, render);
      setTrouble(newTrouble);
      setVersion((before) => before + 1);
    },
  });
  useEffect(() => onConnection(connection), [connection]);
  useEffect(() => {
    document.title = 'Renders';
  }, []);
  const all = useMemo(
    () => [...renders.current.values()].sort((a, b) => b.startedAt - a.startedAt),
    [version],
  );
  const showAll = () => {
    setFilter('');
    setText('');
  };
  const [, , isWanted] = FILTERS.find(([id]) => id === filter);
  const wanted = text.trim().toLowerCase();
  const shown = all.filter(
    (render) =>
      isWanted(render) &&
      [render.name, render.jobId, render.composition, render.error, render.state].some((value) =>
        value?.toLowerCase().includes(wanted),
      ),
  );
  if (version === 0)
    return html`<h1 class="sr">Renders</h1><p class="muted loading">Loading the executions…</p>`;
  return html`
    <h1 class="sr">Renders</h1>
    ${trouble && html`<${TroubleBox} trouble=${trouble} title="The executions cannot be listed" />`}
    <div class="filters">
      <div role="group" aria-label="Status" class="chips">
        ${FILTERS.map(
          ([
            id,
            word,
            holds,
          ]) => html`<button key=${id} type="button" class="chip ${id}" aria-pressed=${filter === id} onClick=${() => setFilter(id)}>
            ${word} <span class="number">${all.filter(holds).length.toLocaleString('en')}</span>
          </button>`,
        )}
      </div>
      <label class="search"><span class="sr">Filter by job, composition, state or error</span>
        <input type="search" placeholder="Job, composition, error…" value=${text} onInput=${(event) => setText(event.target.value)} />
      </label>
    </div>
    <p class="sr" role="status">${count(shown.length, 'execution')}</p>
    ${
      all.length === 0
        ? !trouble &&
          html`<${Empty} title="No renders yet">
            <p class="muted">What is started, in whatever way, shows up here by itself.</p>
            <a class="button main" href="#/start">Start a render</a>
          <//>`
        : shown.length === 0
          ? html`<${Empty} title="None of these"><p class="muted">No execution has that status and that text.</p>
              <button type="button" onClick=${showAll}>Show all</button><//>`
          : html`<${Rows} renders=${shown} now=${now} />`
    }
  `;
}

function Rows({ renders, now }) {
  return html`<div class="table box" role="table" aria-label="Executions, newest first" aria-rowcount=${renders.length + 1}>
    <div class="row head" role="row">
      ${['Status', 'Job', 'Composition', 'Progress', 'Cost', 'Took', 'Started'].map(
        (title) => html`<span role="columnheader" key=${title}>${title}</span>`,
      )}
    </div>
    <div role="rowgroup">
      ${renders.map((render) => html`<${Row} key=${render.name} render=${render} now=${whatChanges(render, now)} />`)}
    </div>
  </div>`;
}

/** The time, as coarse as a row shows it: a row that looks the same is not drawn again. */
function whatChanges({ status, startedAt }, now) {
  if (status === 'RUNNING') return now;
  const age = now - startedAt;
  return now - (age < 60_000 ? 0 : age % 60_000);
}

const Row = memo(({ render, now }) => {
  const { name, status, startedAt, stoppedAt, jobId, composition, codec, trouble } = render;
  const took = (stoppedAt ?? now) - startedAt;
  return html`<div class="row" role="row">
    <span role="cell"><${Status} status=${status} /></span>
    <span role="cell" class="job"><a href=${`#/renders/${encodeURIComponent(name)}`}>${jobId ?? name}</a><small>${jobId && jobId !== name ? name : ''}</small></span>
    <span role="cell" class="composition">${trouble ? html`<small class="bad">${trouble.message}</small>` : composition || (jobId ? '–' : '')}<small>${codec}</small></span>
    <span role="cell" class="progress"><${Progress} render=${render} /></span>
    <span role="cell" class="figure" data-title="Cost">${usd(render.costInUsd)}</span>
    <span role="cell" class="figure" data-title="Took">${duration(took)}</span>
    <span role="cell" class="figure age" title=${dateAndTime(startedAt)}>${ago(now - startedAt)}</span>
  </div>`;
});

function Progress({ render }) {
  const { status, progressInPercent, error, state, throttled } = render;
  if (status === 'RUNNING') {
    const words = throttled ? `waiting for capacity, ${count(throttled, 'attempt')}` : (state ?? 'starting');
    return html`<span class="words">${words}</span>
      ${progressInPercent === undefined ? '' : html`<span class="with-bar"><${Bar} value=${progressInPercent} label=${`Progress of ${render.jobId ?? render.name}`} /><span>${percent(progressInPercent)}</span></span>`}`;
  }
  if (error) return html`<span class="words bad">${error}</span>`;
  return html`<span class="words">${status === 'SUCCEEDED' ? '100 %' : STATUSES[status]?.word}</span>`;
}
