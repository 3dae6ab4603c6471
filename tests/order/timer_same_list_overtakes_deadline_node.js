// Node quirk: timers with one duration share a list, so an overdue later timer of the list head's duration runs before an earlier-deadline timer of another duration
const log = console.log;
const spin = ms => { const e = performance.now() + ms; while (performance.now() < e); };
setTimeout(() => log('A: set t=0,   delay 300, due 300'), 300);
setTimeout(() => { setTimeout(() => log('C: set t=200, delay 300, due 500'), 300); }, 200);
setTimeout(() => { setTimeout(() => log('B: set t=230, delay 80,  due 310'), 80); spin(320); }, 230);
