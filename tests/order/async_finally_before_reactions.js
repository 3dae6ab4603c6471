// a function settles when its `finally` is done, whichever way it ends: what that queues goes before the reactions
const log = console.log;
const atEnd = name => { log('finally of', name); queueMicrotask(() => log('queued by finally of', name)); };
async function value() { try { await 0; return 'value'; } finally { atEnd('value'); } }
async function nothing() { try { await 0; } finally { atEnd('nothing'); } }
async function thrown() { try { await 0; throw 'thrown'; } finally { atEnd('thrown'); } }
async function parameter(name) { try { await 0; return name; } finally { atEnd(name); } }
value().then(v => log('fulfilled', v));
nothing().then(() => log('fulfilled'));
thrown().catch(e => log('rejected', e));
parameter('parameter').then(v => log('fulfilled', v));
