import { useEffect, useRef, useState } from 'preact/hooks';
import { change } from './api.js';
import { clock } from './format.js';
import { html } from './html.js';
import { Json } from './json-view.js';
import { useLive } from './live.js';
import { Empty, TroubleBox } from './parts.js';

/** Calls that the page keeps. */
const MOST = 500;

/** Calls and the fault, as they come; and what takes them from the live connection. */
export function useCalls() {
  const [calls, setCalls] = useState({ list: [], fault: null });
  const list = useRef([]);
  const onCalls = ({ calls: more, fault }) => {
    const last = list.current.at(-1)?.number ?? 0;
    list.current = [...list.current, ...more.filter(({ number }) => number > last)].slice(-MOST);
    setCalls({ list: list.current, fault });
  };
  return [calls, onCalls];
}

/** What IAM of this machine has decided, call by call. */
export function CallsView({ workflow, onConnection }) {
  const [calls, onCalls] = useCalls();
  const connection = useLive(`ticket=${workflow.ticket}&calls=1`, { calls: onCalls });
  useEffect(() => onConnection(connection), [connection]);
  useEffect(() => {
    document.title = 'Calls · Renders';
  }, []);
  return html`<h1>Calls</h1>
    <p class="muted">Every call on this machine, the role that made it, and what IAM decided by the policies of the template. The functions print to <code>${workflow.machine.logFile}</code>.</p>
    <section class="box"><${FaultSwitch} machine=${workflow.machine} fault=${calls.fault} /><${CallsTable} calls=${calls.list} /></section>`;
}

export function CallsTable({ calls }) {
  const [onlyDenied, setOnlyDenied] = useState(false);
  const [caller, setCaller] = useState('');
  const callers = [...new Set(calls.map((call) => call.caller))].sort();
  const shown = calls
    .filter((call) => (!onlyDenied || call.decision === 'Deny') && (caller === '' || call.caller === caller))
    .reverse();
  if (calls.length === 0)
    return html`<${Empty} title="No calls yet"><p class="muted">They show up here while a render runs.</p><//>`;
  return html`
    <div class="filters">
      <label>Role <select value=${caller} onChange=${(event) => setCaller(event.target.value)}>
        <option value="">all</option>${callers.map((name) => html`<option key=${name}>${name}</option>`)}
      </select></label>
      <label class="check"><input type="checkbox" checked=${onlyDenied} onChange=${(event) => setOnlyDenied(event.target.checked)} /> only what was denied</label>
      <span class="muted">${shown.length} of ${calls.length}</span>
    </div>
    <ol class="calls" tabindex="0" aria-label="Calls, newest first">
      ${shown.map(
        ({
          number,
          at,
          caller: by,
          action,
          resource,
          decision,
          reason,
          grant,
        }) => html`<li key=${number} class=${decision === 'Deny' ? 'denied' : ''}>
          <details>
            <summary>
              <time>${clock(at)}</time>
              <span class="decision">${decision === 'Deny' ? 'denied' : 'allowed'}</span>
              <span class="caller">${by}</span>
              <code class="action">${action}</code>
              <span class="resource">${resource}</span>
              ${grant && html`<span class="grant">${grant.name}</span>`}
            </summary>
            <p>${reason}${grant?.why ? html`<br /><strong>Why:</strong> ${grant.why}` : ''}</p>
            ${grant && html`<${Json} value=${JSON.parse(grant.statement)} />`}
          </details>
        </li>`,
      )}
    </ol>`;
}

/** Lets a fault happen to the next call, to see what the workflow does about it. */
export function FaultSwitch({ machine, fault }) {
  const { faultKinds, faultTargets } = machine;
  const [kind, setKind] = useState(faultKinds[0]?.id);
  const [target, setTarget] = useState(faultTargets[0]?.id);
  const [trouble, setTrouble] = useState();
  const set = (wanted) =>
    change('fault', { fault: wanted }).then(
      () => setTrouble(undefined),
      (error) => setTrouble(error.trouble),
    );
  const submit = (event) => {
    event.preventDefault();
    set({ kind, target });
  };
  const options = (choices) =>
    choices.map(({ id, label }) => html`<option key=${id} value=${id}>${label}</option>`);
  const labelOf = (choices, id) => choices.find((choice) => choice.id === id)?.label ?? id;
  const said = fault
    ? fault.happenedTo
      ? `Happened to ${fault.happenedTo}.`
      : `Set: “${labelOf(faultKinds, fault.kind)}” waits for the ${labelOf(faultTargets, fault.target)}.`
    : 'No fault is set.';
  return html`<form class="fault ${fault && !fault.happenedTo ? 'set' : ''}" onSubmit=${submit}>
    <label>Fault <select value=${kind} onChange=${(event) => setKind(event.target.value)}>${options(faultKinds)}</select></label>
    <label>in the <select value=${target} onChange=${(event) => setTarget(event.target.value)}>${options(faultTargets)}</select></label>
    <button type="submit">Switch on</button>
    ${fault && !fault.happenedTo && html`<button type="button" class="quiet" onClick=${() => set(undefined)}>Switch off</button>`}
    <span role="status" class="muted">${said}</span>
    ${trouble && html`<${TroubleBox} trouble=${trouble} />`}
  </form>`;
}
