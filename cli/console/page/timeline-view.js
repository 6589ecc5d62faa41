import { clock, duration } from './format.js';
import { html } from './html.js';

const STEPS_IN_S = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** When the render was in which state, to scale: a row a state, a bar a pass. */
export function TimelineView({ visits, from, to, waits, chosen, onChoose }) {
  const span = Math.max(100, to - from);
  const share = (milliseconds) => `${Math.min(100, Math.max(0, (milliseconds / span) * 100))}%`;
  const states = [...new Set(visits.map(({ state }) => state))];
  const step = STEPS_IN_S.find((seconds) => span / 1000 / seconds <= 6) ?? 7200;
  const ticks = Array.from({ length: Math.floor(span / 1000 / step) + 1 }, (_, index) => index * step * 1000);
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = visits[visits.findIndex(({ id }) => id === chosen) + by];
    if (!next) return;
    onChoose(next.id);
    document.getElementById(`pass-${next.id}`)?.focus();
  };
  return html`<div class="timeline" role="group" aria-label="Passes through the states; arrow keys go from one to the next" onKeyDown=${move}>
    <div class="scale" aria-hidden="true"><span></span><div class="track">
      ${ticks.map((tick) => html`<span key=${tick} class="tick" style=${{ left: share(tick) }}>${tick < span * 0.95 && html`<i>${tick === 0 ? clock(from) : duration(tick)}</i>`}</span>`)}
    </div></div>
    ${states.map(
      (state) => html`<div class="line" key=${state}>
        <span class="name">${state}</span>
        <div class="track">
          ${ticks.map((tick) => html`<span key=${tick} class="grid" style=${{ left: share(tick) }}></span>`)}
          ${visits
            .filter((visit) => visit.state === state)
            .map(
              (visit) =>
                html`<${Pass} key=${visit.id} visit=${visit} from=${from} to=${to} share=${share} isWait=${waits.has(state)} isChosen=${visit.id === chosen} onChoose=${onChoose} />`,
            )}
        </div>
      </div>`,
    )}
  </div>`;
}

function Pass({ visit, from, to, share, isWait, isChosen, onChoose }) {
  const { id, state, enteredAt, leftAt = to, status, attempts } = visit;
  const took = leftAt - enteredAt;
  const failed = attempts.filter(({ error }) => error);
  const label = `${state}, ${status}, ${duration(took)}${failed.length > 0 ? `, ${failed.length} failed attempts` : ''}`;
  return html`<button type="button" id=${`pass-${id}`} class=${`pass ${status} ${isWait ? 'wait' : ''} ${isChosen ? 'chosen' : ''}`}
    style=${{ left: share(enteredAt - from), width: share(took) }} tabindex=${isChosen ? 0 : -1}
    aria-pressed=${isChosen} aria-label=${label} title=${label} onClick=${() => onChoose(id)}>
    ${
      attempts.length > 1 &&
      attempts.map((attempt, index) => {
        const end = attempt.endedAt ?? leftAt;
        const place = (at) => `${Math.min(100, Math.max(0, ((at - enteredAt) / Math.max(1, took)) * 100))}%`;
        return html`<span key=${index} class=${`attempt ${attempt.error ? 'bad' : ''}`} style=${{ left: place(attempt.at), width: place(enteredAt + end - attempt.at) }}></span>`;
      })
    }
  </button>`;
}
