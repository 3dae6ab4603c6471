// handler attached in a later task is too late in Node: exit 1
const p = new Promise(() => { throw new Error('late handler'); });
setTimeout(() => p.catch(() => console.log('handled, and too late')), 0);
