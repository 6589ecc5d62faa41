import { useEffect, useRef, useState } from 'preact/hooks';
import { batchPath } from './api.js';
import { BatchActions } from './batch-actions.js';
import { BatchOutcome } from './batch-outcome.js';
import { Course, Publications } from './course.js';
import { count, dateAndTime } from './format.js';
import { html } from './html.js';
import { useListed } from './listed.js';
import { useLive, useNow } from './live.js';
import { Crumbs, Status, TroubleBox } from './parts.js';
import { places } from './place.js';
import { RequestBox } from './request-box.js';
import { Rows } from './rows.js';

/** One execution of the state machine of batches. */
export function BatchView({ name, workflow, onConnection }) {
  const [batch, setBatch] = useState();
  const [chosen, setChosen] = useState();
  const visits = useRef([]);
  const [renders, onRenders] = useListed();
  const connection = useLive(`ticket=${workflow.ticket}&batch=${encodeURIComponent(name)}&renders=1`, {
    batch(message) {
      visits.current = [...visits.current.slice(0, message.told), ...message.visits];
      setBatch(message);
    },
    renders: onRenders,
  });
  const now = useNow(batch?.status === 'RUNNING' ? 500 : 5000);
  useEffect(() => onConnection(connection), [connection]);
  useEffect(() => {
    document.title = `${batch?.batchId ?? name} · Renders`;
  }, [batch?.batchId]);
  if (!batch)
    return html`<${Crumbs} name=${name} /><h1>${name}</h1><p class="muted loading">Loading the batch…</p>`;
  if (!batch.name)
    return html`<${Crumbs} name=${name} /><h1>${name}</h1><${TroubleBox} trouble=${batch.trouble ?? { message: 'Nothing is known of it yet.' }} title="This batch cannot be shown" />`;

  const { batchId } = batch;
  const all = [...renders.all.values()];
  const own = all.filter((render) => render.batchId === batchId).sort((a, b) => b.startedAt - a.startedAt);
  const line = places(all);
  const inLine = own.filter((render) => line.has(render.name)).length;
  const pathOf = (...inside) => batchPath(name, ...inside);
  return html`
    <${Crumbs} name=${batchId} />
    <div class="headline">
      <h1>${batchId}</h1><${Status} status=${batch.status} done="Done" />
      <p class="muted">${['batch', batch.counts && count(batch.counts.rows, 'row'), `started ${dateAndTime(batch.startedAt)}`].filter(Boolean).join(' · ')}</p>
      <${BatchActions} batch=${batch} workflow=${workflow} />
    </div>
    ${batch.trouble && html`<${TroubleBox} trouble=${batch.trouble} title="Step Functions does not answer as it should" />`}
    <${BatchOutcome} batch=${batch} inLine=${inLine} workflow=${workflow} now=${now} />
    <${FailedRows} batch=${batch} errors=${workflow.errors} />
    <section class="column" aria-labelledby="rows-title">
      <h2 id="rows-title">Its renders</h2>
      ${renders.trouble && html`<${TroubleBox} trouble=${renders.trouble} title="The executions cannot be listed" />`}
      ${own.length === 0 ? html`<p class="muted">${renders.version === 0 ? 'Loading the executions…' : 'None among the newest executions.'}</p>` : html`<${Rows} items=${own} places=${line} now=${now} label="Renders of the batch, newest first" />`}
    </section>
    <${Course} isWide execution=${batch} definition=${workflow.batches} errors=${workflow.batches.errors} visits=${visits.current} chosen=${chosen} onChoose=${setChosen} now=${now} pathOf=${pathOf} />
    <div class="columns even">
      <${RequestBox} name=${name} pathOf=${pathOf} />
      <${Publications} publications=${batch.publications} />
    </div>
  `;
}

function FailedRows({ batch, errors }) {
  const { failedRows, failedRowsTrouble, counts } = batch;
  if (failedRowsTrouble)
    return html`<${TroubleBox} trouble=${failedRowsTrouble} title="The rows that have failed cannot be shown" />`;
  if (failedRows.length === 0) return null;
  const more = (counts?.failed ?? 0) - failedRows.length;
  return html`<section class="box" aria-labelledby="failed-title">
    <h2 id="failed-title">Rows that have failed</h2>
    <ol class="failed-rows">
      ${failedRows.map(
        ({ row, jobId, error, message, render }) => html`<li key=${`${row} ${render}`}>
          <p><strong>${row === undefined ? 'A row' : `Row ${row}`}</strong> ${render ? html`<a href=${`#/renders/${encodeURIComponent(render)}`}>${jobId ?? render}</a>` : jobId} <span class="bad">${error}</span></p>
          <p class="message">${message}</p>
          ${errors[error] && html`<p><strong>What to do:</strong> ${errors[error].remedy}</p>`}
        </li>`,
      )}
    </ol>
    ${more > 0 && html`<p class="muted">and ${more.toLocaleString('en')} more, in the results</p>`}
  </section>`;
}
