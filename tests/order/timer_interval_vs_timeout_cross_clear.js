// clearTimeout can clear an interval and vice versa
const log = console.log;
const i = setInterval(() => { log('interval once'); clearTimeout(i); }, 1);
const t = setTimeout(() => log('never'), 20); clearInterval(t);
setTimeout(() => log('end'), 40);
