import { useEffect, useState } from 'preact/hooks';
import { read } from './api.js';
import { clock, duration } from './format.js';
import { html } from './html.js';
import { Json } from './json-view.js';
import { Copy, TroubleBox } from './parts.js';

const WORDS = { running: 'In this state now', done: 'Done', failed: 'Failed', stopped: 'Stopped' };

/** One pass through a state: what it got, what it gave, what went wrong and what to do about it. */
export function VisitView({ pathOf, visit, visits, comment, errors, now, onChoose }) {
  const [data, setData] = useState();
  const [trouble, setTrouble] = useState();
  const { id, state, status, leftAt } = visit;
  useEffect(() => {
    let isCurrent = true;
    read(pathOf('visits', String(id))).then(
      (answer) => {
        if (!isCurrent) return;
        setData({ id, ...answer });
        setTrouble(undefined);
      },
      (error) => isCurrent && setTrouble(error.trouble),
    );
    return () => {
      isCurrent = false;
    };
  }, [id, status, visit.attempts.length, visit.attempts.at(-1)?.endedAt]);
  const passes = visits.filter((each) => each.state === state);
  const place = passes.findIndex((each) => each.id === id);
  const shown = data?.id === id ? data : undefined;
  return html`<section class="box visit" aria-labelledby="visit-title">
    <div class="title">
      <h2 id="visit-title">${state}</h2>
      <span class="status ${status === 'done' ? 'done' : status}">${WORDS[status]}</span>
      ${
        passes.length > 1 &&
        html`<span class="passes">
        <button type="button" class="quiet" aria-label="The pass before" disabled=${place === 0} onClick=${() => onChoose(passes[place - 1].id)}>‹</button>
        pass ${place + 1} of ${passes.length}
        <button type="button" class="quiet" aria-label="The pass after" disabled=${place === passes.length - 1} onClick=${() => onChoose(passes[place + 1].id)}>›</button>
      </span>`
      }
    </div>
    <p class="muted">${comment}</p>
    <p class="times">${clock(visit.enteredAt)} · ${duration((leftAt ?? now) - visit.enteredAt)}</p>
    ${trouble && html`<${TroubleBox} trouble=${trouble} />`}
    ${shown && html`<${Attempts} attempts=${shown.attempts} errors=${errors} />`}
    ${shown && 'input' in shown && html`<${Data} title="Input" value=${shown.input} />`}
    ${shown && 'output' in shown && html`<${Data} title="Output" value=${shown.output} />`}
  </section>`;
}

function Data({ title, value }) {
  return html`<div class="data">
    <div class="title"><h3>${title}</h3><${Copy} text=${JSON.stringify(value, null, 2)}>Copy<//></div>
    <${Json} value=${value} />
  </div>`;
}

/** The attempts of a task, where there is more to say of them than that one was enough. */
function Attempts({ attempts, errors }) {
  if (attempts.length === 0 || (attempts.length === 1 && !attempts[0].error)) return null;
  return html`<ol class="attempts">
    ${attempts.map((attempt, index) => {
      const { at, endedAt, error, cause } = attempt;
      const next = attempts[index + 1];
      return html`<li key=${at}>
        <p><strong>${error ? html`<span class="bad">${error}</span>` : endedAt ? 'Succeeded' : 'Under way'}</strong>
          <span class="muted"> ${clock(at)}${endedAt ? ` · ${duration(endedAt - at)}` : ''}${next && endedAt ? ` · tried again after ${duration(next.at - endedAt)}` : ''}</span></p>
        ${error && html`<p class="message">${messageOf(cause)}</p>`}
        ${errors[error] && !next && html`<p><strong>What to do:</strong> ${errors[error].remedy}</p>`}
      </li>`;
    })}
  </ol>`;
}

/** A function's error is JSON that Lambda answered. */
export function messageOf(cause) {
  try {
    const { errorMessage, message } = JSON.parse(cause);
    return errorMessage ?? message ?? cause;
  } catch {
    return cause ?? '';
  }
}
