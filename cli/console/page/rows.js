import { useEffect, useRef, useState } from 'preact/hooks';
import { ago, count, dateAndTime, duration, percent, STATUSES, usd } from './format.js';
import { html } from './html.js';
import { memo } from './memo.js';
import { Bar, Status } from './parts.js';

/** Rows that are drawn at first, and each time that somebody comes near the end of them. */
const AT_ONCE = 40;
const NEAR = '1200px';

/** Executions, a row each: renders, and batches among them. @param places as `places` has them */
export function Rows({ items, places, now, label = 'Executions, newest first' }) {
  const [drawn, setDrawn] = useState(AT_ONCE);
  // For the place of those that are not drawn yet, in pixels.
  const [height, setHeight] = useState(58);
  const [group, end] = [useRef(null), useRef(null)];
  const missing = Math.max(0, items.length - drawn);
  useEffect(() => {
    if (missing === 0) return undefined;
    setHeight(group.current.offsetHeight / drawn);
    const observer = new IntersectionObserver(
      ([{ isIntersecting }]) => isIntersecting && setDrawn((before) => before + AT_ONCE),
      { rootMargin: NEAR },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [drawn, missing === 0]);
  return html`<div class="table box" role="table" aria-label=${label} aria-rowcount=${items.length + 1}>
    <div class="row head" role="row">
      ${['Status', 'Job', 'Composition', 'Progress', 'Cost', 'Took', 'Started'].map(
        (title) => html`<span role="columnheader" key=${title}>${title}</span>`,
      )}
    </div>
    <div role="rowgroup" ref=${group}>
      ${items
        .slice(0, drawn)
        .map((item) =>
          item.isBatch
            ? html`<${BatchRow} key=${`batch ${item.name}`} batch=${item} now=${whatChanges(item, now)} />`
            : html`<${RenderRow} key=${item.name} render=${item} place=${places.get(item.name)} now=${whatChanges(item, now)} />`,
        )}
    </div>
    <div ref=${end} style=${{ height: `${Math.round(missing * height)}px` }}></div>
  </div>`;
}

/** The time, as coarse as a row shows it: a row that looks the same is not drawn again. */
function whatChanges({ status, startedAt }, now) {
  if (status === 'RUNNING') return now;
  const age = now - startedAt;
  return now - (age < 60_000 ? 0 : age % 60_000);
}

const RenderRow = memo(({ render, place, now }) => {
  const { name, jobId, composition, codec, trouble } = render;
  return html`<${Row} item=${render} now=${now} title=${jobId ?? name} subtitle=${jobId && jobId !== name ? name : ''}
    href=${`#/renders/${encodeURIComponent(name)}`} cost=${render.costInUsd} status=${html`<${Status} status=${render.status} isWaiting=${place !== undefined} />`}
    what=${html`${trouble ? html`<small class="bad">${trouble.message}</small>` : composition || (jobId ? '–' : '')}<small>${codec}</small>`}
    progress=${html`<${Progress} render=${render} place=${place} />`} />`;
});

const BatchRow = memo(({ batch, now }) => {
  const { name, batchId, counts, trouble, isDryRun } = batch;
  const rows = counts && count(counts.rows, 'row');
  return html`<${Row} item=${batch} now=${now} title=${batchId ?? name} subtitle=${batchId && batchId !== name ? name : ''}
    href=${`#/batches/${encodeURIComponent(name)}`} cost=${counts?.costInUsd}
    status=${html`<${Status} status=${batch.status} done="Done" />`}
    what=${html`${trouble ? html`<small class="bad">${trouble.message}</small>` : isDryRun ? 'dry run' : 'batch'}<small>${rows}</small>`}
    progress=${html`<${BatchProgress} batch=${batch} />`} />`;
});

function Row({ item, now, title, subtitle, href, status, what, progress, cost }) {
  const { startedAt, stoppedAt } = item;
  return html`<div class="row" role="row">
    <span role="cell">${status}</span>
    <span role="cell" class="job"><a href=${href}>${title}</a><small>${subtitle}</small></span>
    <span role="cell" class="composition">${what}</span>
    <span role="cell" class="progress">${progress}</span>
    <span role="cell" class="figure" data-title="Cost">${usd(cost)}</span>
    <span role="cell" class="figure" data-title="Took">${duration((stoppedAt ?? now) - startedAt)}</span>
    <span role="cell" class="figure age" title=${dateAndTime(startedAt)}>${ago(now - startedAt)}</span>
  </div>`;
}

function Progress({ render, place }) {
  const { status, progressInPercent, error, state, throttled } = render;
  if (status === 'RUNNING') {
    const words = place
      ? `waiting, ${place}`
      : throttled
        ? `waiting for capacity, ${count(throttled, 'attempt')}`
        : (state ?? 'starting');
    return html`<span class="words">${words}</span>
      ${progressInPercent === undefined ? '' : html`<${WithBar} value=${progressInPercent} of=${render.jobId ?? render.name} />`}`;
  }
  if (error) return html`<span class="words bad">${error}</span>`;
  return html`<span class="words">${status === 'SUCCEEDED' ? '100 %' : STATUSES[status]?.word}</span>`;
}

function BatchProgress({ batch }) {
  const { status, counts, error } = batch;
  const words = counts ? whereRowsAre(counts) : status === 'RUNNING' ? 'reading the table' : '';
  return html`${error && html`<span class="words bad">${error}</span>`}
    <span class="words">${words}</span>
    ${counts && status === 'RUNNING' && html`<${WithBar} value=${percentDone(counts)} of=${batch.batchId ?? batch.name} />`}`;
}

function WithBar({ value, of }) {
  return html`<span class="with-bar"><${Bar} value=${value} label=${`Progress of ${of}`} /><span>${percent(value)}</span></span>`;
}

/** `200 done, 10 running, 100 waiting, 10 failed` */
export function whereRowsAre({ succeeded, running, failed, unfinished }) {
  const waiting = Math.max(0, unfinished - running);
  return [
    [succeeded, 'done'],
    [running, 'running'],
    [waiting, 'waiting'],
    [failed, 'failed'],
  ]
    .filter(([number, word]) => number > 0 || word === 'done')
    .map(([number, word]) => `${number.toLocaleString('en')} ${word}`)
    .join(', ');
}

/** How many rows of a hundred have ended. */
export const percentDone = ({ rows, succeeded, failed }) =>
  rows === 0 ? 0 : ((succeeded + failed) / rows) * 100;
