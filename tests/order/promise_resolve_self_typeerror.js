// resolving a promise with itself rejects with TypeError
const log = console.log;
let r; const p = new Promise(x => r = x);
r(p);
p.then(() => log('never'), e => log(e.name));
const q = Promise.resolve().then(() => q);
q.catch(e => log('then returning itself:', e.name));
