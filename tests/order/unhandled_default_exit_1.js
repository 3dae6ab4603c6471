// Node default: unhandled rejection -> uncaught exception, exit code 1, later tasks never run
console.log('before');
setTimeout(() => console.log('a later task'), 0);
Promise.reject(new Error('nobody catches me'));
console.log('after');
Promise.resolve().then(() => console.log('micro still runs'));
