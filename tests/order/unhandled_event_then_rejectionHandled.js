// event order: unhandledRejection after the drain, rejectionHandled when a handler is attached later
const log = console.log;
process.on('unhandledRejection', (r, p) => log('unhandledRejection', r));
process.on('rejectionHandled', () => log('rejectionHandled'));
const p = Promise.reject('r');
Promise.resolve().then(() => log('micro'));
setTimeout(() => { log('timer 1: attaching'); p.catch(e => log('caught', e)); }, 1);
setTimeout(() => log('timer 2'), 40);
log('sync');
