const { setTimeout: sleep } = require('timers/promises');
const log = console.log;
(async () => { await sleep(1); log('slept'); const ac = new AbortController(); const p = sleep(1000, 0, { signal: ac.signal }); ac.abort(); await p.catch(e => log(e.name)); log('no longer'); })();
