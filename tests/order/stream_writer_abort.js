const log = console.log;
const ws = new WritableStream({ write(x) { log('write', x); return new Promise(r => setTimeout(r, 50)); }, abort(r) { log('sink abort', r); } });
const w = ws.getWriter();
w.write('a').then(() => log('a ok'), e => log('a', e)); w.write('b').catch(e => log('b', e)); w.closed.catch(e => log('closed', e));
setTimeout(() => { w.abort('R').then(() => log('abort ok')); log('abort called'); w.ready.catch(e => log('ready', e)); }, 10);
