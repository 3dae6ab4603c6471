// await using disposes in reverse order, awaiting each; sync disposers too. Node 20 has no `await using`: each is a
// `finally` that awaits.
const log = console.log;
const res = n => ({ async dispose() { log('dispose start', n); await 0; log('dispose end', n); } });
const sres = n => ({ dispose() { log('sync dispose', n); } });
(async () => {
  const a = res('a');
  try {
    const b = res('b');
    try {
      const c = sres('c');
      try { log('body'); } finally { c.dispose(); }
    } finally { await b.dispose(); }
  } finally { await a.dispose(); }
  log('after block');
})();
log('sync');
