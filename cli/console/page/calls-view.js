import { useEffect, useRef, useState } from 'preact/hooks';
import { change } from './api.js';
import { clock } from './format.js';
import { html } from './html.js';
import { Json } from './json-view.js';
import { useLive } from './live.js';
import { memo } from './memo.js';
import { Empty, TroubleBox } from './parts.js';

/** Calls that the page keeps. */
const MOST = 2000;

/** Calls and the fault, as they come; and what takes them from the live connection. */
export function useCalls() {
  const [calls, setCalls] = useState({ list: [], fault: null });
  const list = useRef([]);
  const known = useRef([]);
  const onCalls = ({ calls: more, firstGrant, grants, fault }) => {
    known.current = [...known.current.slice(0, firstGrant), ...grants];
    const last = list.current.at(-1)?.number ?? 0;
    const fresh = more
      .filter(({ number }) => number > last)
      .map((call) => ({ ...call, grant: known.current[call.grant] }));
    list.current = [...list.current, ...fresh].slice(-MOST);
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

/** What happens all the time: services that assume their roles, and the queue that is asked for messages. */
const isUsual = ({ action, decision }) =>
  decision === 'Allow' && (action === 'sts:AssumeRole' || action === 'sqs:ReceiveMessage');

export function CallsTable({ calls: all }) {
  const [onlyDenied, setOnlyDenied] = useState(false);
  const [caller, setCaller] = useState('');
  const [withUsual, setWithUsual] = useState(false);
  const calls = withUsual ? all : all.filter((call) => !isUsual(call));
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
      <label class="check"><input type="checkbox" checked=${withUsual} onChange=${(event) => setWithUsual(event.target.checked)} /> also roles being assumed and the queue being asked</label>
      <span class="muted">${shown.length} of ${all.length}</span>
    </div>
    <ol class="calls" tabindex="0" aria-label="Calls, newest first">
      ${shown.map((call) => html`<${Call} key=${call.number} call=${call} />`)}
    </ol>`;
}

const Call = memo(({ call }) => {
  const { at, caller, action, resource, decision, reason, grant } = call;
  const [isOpen, setOpen] = useState(false);
  return html`<li class=${decision === 'Deny' ? 'denied' : ''}>
    <details onToggle=${(event) => setOpen(event.target.open)}>
      <summary>
        <time>${clock(at)}</time>
        <span class="decision">${decision === 'Deny' ? 'denied' : 'allowed'}</span>
        <span class="caller" title=${caller}>${caller}</span>
        <code class="action">${action}</code>
        <span class="resource" title=${resource}>${resource}</span>
        ${grant && html`<span class="grant" title=${grant.name}>${grant.name}</span>`}
      </summary>
      ${isOpen && html`<p>${reason}${grant?.why ? html`<br /><strong>Why:</strong> ${grant.why}` : ''}</p>`}
      ${isOpen && grant && html`<${Json} value=${JSON.parse(grant.statement)} />`}
    </details>
  </li>`;
});

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
