import { checkBundle, type Bytes } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { BundleBuilder } from './test/bundle-builder.ts';
import { provinceOf, stationNamed, DEFINITION } from './test/province.ts';
const C = 350, E = 8;
const cand = (n: number, base: number) => Array.from({length:n},(_,i)=>({code:String(base+i),name:{fa:`نامزد ${i}`,en:`Candidate ${i}`}}));
const input = {...DEFINITION, contests: [
 {...DEFINITION.contests[1], id:'majles', seats:5, choicesMax:5, candidates: cand(C,1001)},
 {...DEFINITION.contests[1], id:'experts', law:'experts', seats:4, choicesMax:4, thresholdPermille: undefined, candidates: cand(E,101)},
], styles:[{id:'resident',name:{fa:'س',en:'R'},contests:['majles','experts']}]} as any;
delete input.contests[1].thresholdPermille;
let t = performance.now();
const N = 40;
const p = provinceOf(Array.from({length:N},(_,i)=>stationNamed(`s${i}`)), undefined, input).provisioning;
console.log('province', performance.now()-t);
const votes = { cast: 620, contests: [
 {records:620, blank:20, candidates: Array.from({length:C},(_,i)=> i<300?8:6)},
 {records:620, blank:20, candidates: Array.from({length:E},()=>250)},
]};
t = performance.now();
const bundles: Bytes[] = [...p.stations.keys()].map(s=>new BundleBuilder(p,s).build(votes));
console.log('build each', (performance.now()-t)/N, 'bytes', bundles[0]!.length);
const run = (crypto: any, label: string, rounds: number) => { let n=0; const c={sha256: crypto.sha256, verify:(a:any,b:any,d:any)=>{n++; return crypto.verify(a,b,d)}}; const u=process.cpuUsage(); for(let r=0;r<rounds;r++) for (const b of bundles){const x=checkBundle(p,c as any,b,1_795_040_000); if(!x.ok) throw new Error(JSON.stringify(x.fault));} const d=process.cpuUsage(u); console.log(label,((d.user+d.system)/rounds/N).toFixed(0),'us each, verifies', n/rounds/N); };
run(nodeCrypto,'warm',2);

run({sha256:nodeCrypto.sha256, verify:()=>true},'noverify',1); 
run({sha256:nodeCrypto.sha256, verify:()=>true},'noverify',150); 
