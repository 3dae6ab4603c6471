// uncaught exception in a timer callback: process exits 1 (Node), before the microtasks of that callback
setTimeout(() => { Promise.resolve().then(() => console.log('micro?')); throw new Error('boom'); }, 0);
setTimeout(() => console.log('second timer?'), 0);
console.log('sync');
