// Promise.try: synchronous call; value 1 tick, throw -> rejection 1 tick, returned promise 3 ticks, args forwarded
Promise.try ??= function (f, ...args) { return new this(resolve => resolve(f(...args))); };  // it is younger than Node 20
const log = console.log;
ruler(4);
Promise.try((a, b) => { log('called sync', a, b); return 1; }, 'x', 'y').then(v => log('  value', v));
Promise.try(() => { throw 'err'; }).catch(e => log('  threw', e));
Promise.try(() => Promise.resolve(2)).then(v => log('  promise', v));
Promise.try(async () => 3).then(v => log('  async fn', v));
log('end of script');
function ruler(n) { let p = Promise.resolve(); for (let i = 1; i <= n; i++) p = p.then(() => log('tick ' + i)); }
