import { checkBundle, setKeyCheck } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { bundlesIn, nationalProvisioning, nationalWorld } from './nation/world.ts';
const world = await nationalWorld(4000);
setKeyCheck(() => true);
const prov = nationalProvisioning(world);
const bundles = world.bundleFiles.flatMap((f) => [...bundlesIn(f)]);
const at = Math.floor(Date.now()/1000);
const triples: any[]=[]; for (const b of bundles) checkBundle(prov, {sha256: nodeCrypto.sha256, verify:(a,b,c)=>{triples.push([a,b,c]);return true}}, b, at);
const bare = { sha256: nodeCrypto.sha256, verify: () => true };
for (let k=0;k<8;k++) {
if (k%3===0) {const b = process.threadCpuUsage(); let n=0; for (const [a,m,s] of triples) {if (n++>13000) break; if(!nodeCrypto.verify(a,m,s)) throw 1;} const u = process.threadCpuUsage(b); console.log('verify', ((u.user+u.system)/1000).toFixed(1));}
const b = process.threadCpuUsage();
for (const b of bundles) checkBundle(prov, bare, b, at);
const u = process.threadCpuUsage(b); console.log(((u.user+u.system)/bundles.length).toFixed(1));
}
