// a return completion that goes on behind finally is the one that ran it, not a later one that was discarded inside
const log = console.log;
async function* discards() {
  try { yield 1; } finally {
    inner: { try { yield 2; } finally { log('discard'); break inner; } }
    log('go on');
  }
}
async function* replaces() { try { yield 1; } finally { try { yield 2; } finally { log('inner'); } } }
async function* outlives() { try { yield 1; } finally { try { throw 'error'; } catch (e) { log('caught', e); } yield 2; } }
const show = (name, r) => log(name, r.value, r.done);
(async () => {
  for (const [name, f] of [['discards', discards], ['replaces', replaces], ['outlives', outlives]]) {
    const g = f();
    show(name, await g.next());
    show(name, await g.return('a'));
    show(name, name === 'outlives' ? await g.next() : await g.return('b'));
    show(name, await g.next());
  }
})();
