import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyDay, FUNCTIONS_AT_ONCE } from '../proof/dashboard/busy-day.ts';
import { drawDashboard } from '../proof/dashboard/draw-dashboard.ts';
import { readDashboard } from '../proof/dashboard/read-dashboard.ts';
import { startFaultMachine, synthesizedForFaults } from '../proof/faults/fault-machine.ts';

/** Draws docs/dashboard.svg: the dashboard of the template, from the figures of a day on this machine. */
const PICTURE = join(import.meta.dirname, '..', 'docs', 'dashboard.svg');
const HOURS = 12;

const assembly = await synthesizedForFaults({ dashboard: 'true' });
const [template = ''] = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
const graphs = readDashboard(JSON.parse(readFileSync(join(assembly, template), 'utf8')));
const machine = await startFaultMachine({ assembly, printsMetrics: true });
const { samples, from, to, executions } = await busyDay(machine, HOURS, 1);
await machine.stop();
const picture = drawDashboard({
  graphs,
  samples,
  from,
  to,
  shortestPeriodInSeconds: 15 * 60,
  expressions: { 'SERVICE_QUOTA(concurrent)': FUNCTIONS_AT_ONCE },
});
writeFileSync(PICTURE, picture);
console.log(`${executions} executions in ${HOURS} hours, ${samples.length} values: ${PICTURE}`);
