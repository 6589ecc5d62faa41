import { batchPath } from './api.js';
import { duration, percent, usd } from './format.js';
import { html } from './html.js';
import { Bar, Figures } from './parts.js';
import { percentDone } from './rows.js';

const UNSUCCESSFUL = { ABORTED: 'BatchStopped', TIMED_OUT: 'BatchTimedOut' };

/** What there is to know of a batch first: where its rows are, and why it has not succeeded. */
export function BatchOutcome({ batch, inLine, workflow, now }) {
  const { status, counts, forecast, startedAt, stoppedAt, maxCostInUsd, secondsLeft, seconds } = batch;
  if (forecast) return html`<${Forecast} forecast=${forecast} batch=${batch} workflow=${workflow} />`;
  const isRunning = status === 'RUNNING';
  const look = { RUNNING: '', SUCCEEDED: '', ABORTED: 'stopped' }[status] ?? 'failed';
  const number = (value) => value?.toLocaleString('en');
  return html`<section class="box outcome ${look}" aria-label="How far the batch is">
    ${!isRunning && status !== 'SUCCEEDED' && html`<${Failure} batch=${batch} workflow=${workflow} />`}
    ${isRunning && !counts && html`<p>Reading the table, and checking every row.</p>`}
    ${
      counts &&
      html`<div class="big">
      <span class="percent">${percent(percentDone(counts))}</span>
      <div class="big-bar"><span>${number(counts.succeeded + counts.failed)} of ${number(counts.rows)} rows have ended</span><${Bar} value=${percentDone(counts)} label="Progress of the batch" /></div>
    </div>`
    }
    <${Figures} figures=${[
      ['Done', number(counts?.succeeded)],
      [
        'Running',
        isRunning && counts
          ? `${number(counts.running)}${inLine > 0 ? `, ${inLine} of them waiting for their turn` : ''}`
          : undefined,
      ],
      ['Waiting', isRunning && counts ? number(Math.max(0, counts.unfinished - counts.running)) : undefined],
      ['Failed', number(counts?.failed)],
      ['Unfinished', isRunning ? undefined : number(counts?.unfinished)],
      [
        isRunning ? 'Cost so far' : 'Cost',
        counts && `${usd(counts.costInUsd)}${maxCostInUsd === undefined ? '' : ` of $${maxCostInUsd}`}`,
      ],
      [isRunning ? 'Running for' : 'Took', duration((stoppedAt ?? now) - startedAt)],
      ['About left', secondsLeft === undefined ? undefined : duration(secondsLeft * 1000)],
      ['A row, at the median', seconds && duration(seconds.median * 1000)],
    ]} />
    ${isRunning && counts?.at && html`<p class="muted">Counted ${duration(now - Date.parse(counts.at))} ago, as the workflow counts them.</p>`}
    <p class="links">
      ${batch.hasResults && html`<${File} batch=${batch} workflow=${workflow} file="results.csv" /><${File} batch=${batch} workflow=${workflow} file="results.jsonl" />`}
      ${batch.error === 'InvalidRows' && html`<${File} batch=${batch} workflow=${workflow} file="problems.jsonl" />`}
    </p>
  </section>`;
}

function Failure({ batch, workflow }) {
  const { status, error, message } = batch;
  const known = workflow.batches.errors[UNSUCCESSFUL[status] ?? error];
  return html`<h2>${UNSUCCESSFUL[status] ?? error}</h2>
    <p class="muted">${known?.meaning}</p>
    ${message && html`<p class="message">${message}</p>`}
    ${known && html`<p class="remedy"><strong>What to do:</strong> ${known.remedy}</p>`}`;
}

function Forecast({ forecast, batch, workflow }) {
  const { rows, rowsToRender, problems, firstProblems, expectedCostInUsd: cost } = forecast;
  const left = problems - firstProblems.length;
  return html`<section class="box outcome" aria-label="What the batch would take">
    <h2>A dry run: nothing was rendered</h2>
    <${Figures} figures=${[
      ['Rows', rows.toLocaleString('en')],
      ['To render', rowsToRender.toLocaleString('en')],
      ['Problems', problems.toLocaleString('en')],
      ['To be expected', cost ? `${usd(cost.low)} to ${usd(cost.high)}` : 'not known: render a sample first'],
      ['From', cost ? `${cost.knownRenders} renders` : undefined],
    ]} />
    ${problems > 0 && html`<ol class="failed-rows">${firstProblems.map(({ row, field, problem }) => html`<li key=${`${row} ${field}`}><p><strong>Row ${row}</strong> <code>${field}</code></p><p class="message">${problem}</p></li>`)}</ol>`}
    ${left > 0 && html`<p class="muted">and ${left.toLocaleString('en')} more</p>`}
    <p class="links">${problems > 0 && html`<${File} batch=${batch} workflow=${workflow} file="problems.jsonl" />`}</p>
  </section>`;
}

function File({ batch, workflow, file }) {
  const address = `./api/${batchPath(batch.name, 'files', file)}?ticket=${workflow.ticket}`;
  return html`<a class="button" href=${address} download=${`${batch.batchId}-${file}`}>${file}</a>`;
}
