import { useEffect, useMemo, useState } from 'preact/hooks';
import { count } from './format.js';
import { html } from './html.js';
import { useListed } from './listed.js';
import { useLive, useNow } from './live.js';
import { Empty, TroubleBox } from './parts.js';
import { places as placesOf } from './place.js';
import { Rows } from './rows.js';

const FILTERS = [
  ['', 'All', () => true],
  ['running', 'Running', ({ status }) => status === 'RUNNING'],
  ['waiting', 'Waiting', ({ name }, places) => places.has(name)],
  ['done', 'Delivered', ({ status }) => status === 'SUCCEEDED'],
  ['failed', 'Failed', ({ status }) => status === 'FAILED' || status === 'TIMED_OUT'],
  ['stopped', 'Stopped', ({ status }) => status === 'ABORTED'],
  ['batches', 'Batches', ({ isBatch }) => isBatch],
];

/** All executions, newest first; those that wait for their turn, on their own, in its order. */
export function ListView({ workflow, text: given, onConnection }) {
  const [renders, onRenders] = useListed();
  const [batches, onBatches] = useListed();
  const [filter, setFilter] = useState('');
  const [text, setText] = useState(given ?? '');
  const now = useNow(1000);
  const query = `ticket=${workflow.ticket}&renders=1${workflow.batches ? '&batches=1' : ''}`;
  const connection = useLive(query, { renders: onRenders, batches: onBatches });
  useEffect(() => onConnection(connection), [connection]);
  useEffect(() => {
    document.title = 'Renders';
  }, []);
  const places = useMemo(() => placesOf([...renders.all.values()]), [renders.version]);
  const all = useMemo(() => {
    const ofBatches = [...batches.all.values()].map((batch) => ({ ...batch, isBatch: true }));
    return [...renders.all.values(), ...ofBatches].sort((a, b) => b.startedAt - a.startedAt);
  }, [renders.version, batches.version]);
  const showAll = () => {
    setFilter('');
    setText('');
  };
  const filters = FILTERS.filter(([id]) => id !== 'batches' || workflow.batches);
  const [, , isWanted] = filters.find(([id]) => id === filter);
  const wanted = text.trim().toLowerCase();
  const shown = all.filter(
    (item) =>
      isWanted(item, places) &&
      [item.name, item.jobId, item.batchId, item.composition, item.error, item.state].some((value) =>
        value?.toLowerCase().includes(wanted),
      ),
  );
  if (filter === 'waiting') {
    const order = [...places.keys()];
    shown.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }
  if (renders.version === 0)
    return html`<h1 class="sr">Renders</h1><p class="muted loading">Loading the executions…</p>`;
  const { trouble } = renders;
  const batchTrouble = filter === 'batches' ? (workflow.batches.trouble ?? batches.trouble) : undefined;
  return html`
    <h1 class="sr">Renders</h1>
    ${trouble && html`<${TroubleBox} trouble=${trouble} title="The executions cannot be listed" />`}
    ${batchTrouble && html`<${TroubleBox} trouble=${batchTrouble} title="The batches cannot be listed" />`}
    <div class="filters">
      <div role="group" aria-label="Status" class="chips">
        ${filters.map(
          ([
            id,
            word,
            holds,
          ]) => html`<button key=${id} type="button" class="chip ${id}" aria-pressed=${filter === id} onClick=${() => setFilter(id)}>
            ${word} <span class="number">${all.filter((item) => holds(item, places)).length.toLocaleString('en')}</span>
          </button>`,
        )}
      </div>
      <label class="search"><span class="sr">Filter by job, batch, composition, state or error</span>
        <input type="search" placeholder="Job, batch, composition, error…" value=${text} onInput=${(event) => setText(event.target.value)} />
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
          ? !batchTrouble &&
            html`<${Empty} title="None of these"><p class="muted">No execution has that status and that text.</p>
              <button type="button" onClick=${showAll}>Show all</button><//>`
          : html`<${Rows} items=${shown} places=${places} now=${now} />`
    }
  `;
}
