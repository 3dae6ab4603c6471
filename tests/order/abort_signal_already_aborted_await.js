const log = console.log;
const { setTimeout: sleep } = require('timers/promises');
(async () => { try { await sleep(10, 0, { signal: AbortSignal.abort('no') }); } catch (e) { log('aborted:', e.cause); } })();
log('sync');
