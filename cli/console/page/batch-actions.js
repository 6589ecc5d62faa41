import { useState } from 'preact/hooks';
import { batchPath, change, read } from './api.js';
import { consoleAddress, curlToStart } from './copies.js';
import { html } from './html.js';
import { Ask, Copy, Out, TroubleBox } from './parts.js';

/** What can be done with a batch. */
export function BatchActions({ batch, workflow }) {
  const { name, status, executionArn, hasResults, canBeRedriven } = batch;
  const [asked, setAsked] = useState();
  const [said, setSaid] = useState('');
  const [trouble, setTrouble] = useState();
  const act = async (how) => {
    setAsked(undefined);
    setTrouble(undefined);
    try {
      const { name: again } = await change(batchPath(name, how));
      if (how === 'finish') setSaid('No more rows are started; those that are rendering finish.');
      if (again !== undefined && again !== name) location.hash = `#/batches/${encodeURIComponent(again)}`;
    } catch (error) {
      setTrouble(error.trouble);
    }
  };
  const request = async () => (await read(batchPath(name, 'request'))).request;
  const { stateMachineArn } = workflow.batches;
  const consoleUrl = consoleAddress(workflow, executionArn);
  const isRunning = status === 'RUNNING';
  return html`<div class="actions">
    ${isRunning && html`<button type="button" class="grave" onClick=${() => setAsked('stop')}>Stop</button>`}
    ${!isRunning && hasResults && status !== 'SUCCEEDED' && html`<button type="button" onClick=${() => setAsked('retry')}>Render what is missing</button>`}
    <details class="menu"><summary class="button">Copy</summary><div>
      <${Copy} text=${async () => JSON.stringify(await request(), null, 2)}>Request<//>
      <${Copy} text=${executionArn}>ARN<//>
      <${Copy} text=${async () => curlToStart({ ...workflow, stateMachineArn }, await request())}>curl<//>
    </div></details>
    ${consoleUrl && html`<${Out} href=${consoleUrl}>In AWS's console<//>`}
    <span role="status" class="muted">${isRunning && said}</span>
    ${trouble && html`<${TroubleBox} trouble=${trouble} title="That was refused" />`}
    ${
      asked === 'stop' &&
      html`<${Ask} title="Stop this batch?" yes="Stop it with its renders" also="Let running rows finish" no="Let it run" isGrave
        onYes=${() => act('stop')} onAlso=${() => act('finish')} onNo=${() => setAsked(undefined)}>
      <p>Stopped, the execution ends as ABORTED, and the renders of its rows are cancelled: what they have cost is spent. Or no more rows are started, and those that are rendering finish.</p>
      <p>Both can be gone on with later: then only rows without a video are rendered.</p>
    <//>`
    }
    ${
      asked === 'retry' &&
      html`<${Ask} title="Render what is missing?" yes="Render it" no="Leave it" onYes=${() => act('retry')} onNo=${() => setAsked(undefined)}>
      <p>${canBeRedriven ? 'The same execution is redriven' : 'The batch is started again, by a new execution'}: rows that have their video keep it, all others are rendered.</p>
    <//>`
    }
  </div>`;
}
