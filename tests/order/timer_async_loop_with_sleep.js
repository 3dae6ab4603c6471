const log = console.log;
const sleep = ms => new Promise(r => setTimeout(r, ms));
async function loop(n, ms) { for (let i = 0; i < 3; i++) { log(n, i); await sleep(ms); } log(n, 'end'); }
loop('fast', 5); loop('slow', 60);
