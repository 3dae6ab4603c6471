// notified in rejection order; a handler's microtasks run before the next notification? (in Node they run after all)
const log = console.log;
process.on('unhandledRejection', r => { log('unhandled', r); Promise.resolve().then(() => log('micro from handler', r)); });
Promise.reject('a'); Promise.reject('b');
new Promise((_, rej) => setTimeout(() => { rej('c'); log('timer'); }, 1));
