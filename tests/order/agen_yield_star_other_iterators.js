// yield* over iterators that have no throw(), or no return() either: how many ticks each request takes, and how it ends
const log = console.log;
const next = () => Promise.resolve({ value: 1, done: false });
const bare = { [Symbol.asyncIterator]() { return this; }, next };
const closing = { ...bare, return() { log('closed'); return Promise.resolve({ value: undefined, done: true }); } };
async function* through(iterator) { yield* iterator; }
async function ticks(name, iterator, ask) {
  const g = through(iterator);
  await g.next();
  let n = 0, end;
  ask(g).then(r => { end = r.done ? 'done' : 'value'; }, e => { end = e.name; });
  while (!end) { await 0; n++; }
  log(name, n, end);
}
(async () => {
  await ticks('bare, next', bare, g => g.next());
  await ticks('bare, return', bare, g => g.return());
  await ticks('bare, throw', bare, g => g.throw(new Error('in')));
  await ticks('closing, return', closing, g => g.return());
  await ticks('closing, throw', closing, g => g.throw(new Error('in')));
})();
