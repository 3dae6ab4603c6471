// results keep input order; first rejection wins; the others keep running
const log = console.log;
const after = (ms, v) => new Promise(r => setTimeout(() => { log('done', v); r(v); }, ms));
const fail = (ms, v) => new Promise((_, r) => setTimeout(() => { log('fail', v); r(v); }, ms));
Promise.all([after(120, 'a'), after(1, 'b'), after(60, 'c')]).then(v => log('all', v.join()));
Promise.all([after(150, 'x'), fail(30, 'y'), fail(90, 'z')]).catch(e => log('rejected', e));
