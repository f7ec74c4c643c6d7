import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBenchClient } from '@sandoq/hardware-sim';
import { planDemonstration, planFromBallots } from './day-plan.ts';
import { closeStation, openStation, voteAll } from './hands.ts';
import { startProcess } from './processes.ts';
import { foldersUnder, provision, stationBench } from './provision.ts';
import { startStation } from './station.ts';

const root = mkdtempSync('/tmp/vscr/d-');
const sockets = mkdtempSync('/tmp/sv-');
const folders = foldersUnder(root);
const N = Number(process.argv[2] ?? 20);
const plan =
  process.argv[3] === 'one'
    ? planFromBallots(
        [
          {
            name: 'p1',
            ballots: N,
            rows: [
              { choice: 'a', ballots: N - 3 },
              { choice: 'b', ballots: 2 },
              { choice: 'undervote', ballots: 1 },
            ],
          },
        ] as never,
        1,
      )
    : planDemonstration(N, 1);
const b = await startProcess({
  name: 'bench',
  script: 'hardware-sim/bin/bench.ts',
  config: { data_folder: join(root, 'b'), control_socket: join(sockets, 'c'), panel: null, stations: [] },
  configPath: join(root, 'b', 'config.json'),
  logPath: join(root, 'b', 'log'),
});
const bench = await createBenchClient(join(sockets, 'c'));
const benchOf = (s: string) => stationBench(folders, sockets, s, 'virtual', null);
console.log('root', root);
try {
  const p = await provision(bench, folders, plan.definition, plan.stations.slice(0, 1), benchOf, (d, o) =>
    console.log(d, o),
  );
  const id = (plan.stations[0] as { id: string }).id;
  const cfg = benchOf(id);
  await bench.perform({ do: 'add_station', config: cfg });
  const cores = await startStation({
    folders,
    sockets,
    bench: cfg,
    authorityPublicKey: p.authorityPublicKey,
    provinceUrl: null,
    rollPath: null,
  });
  let last: unknown;
  cores.officer.onView((v) => {
    last = v;
  });
  const hands = { bench, station: id, cores };
  try {
    await openStation(hands);
    console.log('open');
    const cpu = (pid: number) => {
      const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return [Number(f[11]) * 10, Number(f[12]) * 10];
    };
    const c0 = cpu(cores.voting.pid),
      a0 = cpu(cores.admission.pid),
      b0 = cpu(b.pid),
      s0 = process.cpuUsage();
    const t = performance.now();
    let n = 0;
    await voteAll(
      hands,
      [...(plan.stations[0] as { deal(): Iterable<{ style: number }> }).deal()]
        .filter((v: { style: number }) => v.style === 0)
        .slice(0, N) as never,
      () => {
        n++;
      },
    );
    const d = (x: number[], y: number[]) =>
      x.map((v, i) => ((v - (y[i] as number)) / n).toFixed(2)).join('+');
    const s1 = process.cpuUsage(s0);
    console.log(
      'cpu ms a vote: voting',
      d(cpu(cores.voting.pid), c0),
      'admission',
      d(cpu(cores.admission.pid), a0),
      'bench',
      d(cpu(b.pid), b0),
      'hands',
      (s1.user / 1000 / n).toFixed(2),
      (s1.system / 1000 / n).toFixed(2),
    );
    console.log('votes', n, 'ms each', (performance.now() - t) / n);
    await closeStation(hands, false).then((c) => console.log('closed', c));
  } catch (e) {
    console.log(e, JSON.stringify(last).slice(0, 3000));
  }
  console.log(JSON.stringify((last as { slip: unknown }).slip).slice(0, 1500));
  await cores.stop();
} catch (e) {
  console.log(e);
}
bench.close();
await b.stop();
