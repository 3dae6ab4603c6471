const log = console.log;
setTimeout(() => log('100'), 100); setTimeout(() => log('10'), 10); setTimeout(() => log('55'), 55); setTimeout(() => log('10 again'), 10);
log('sync');
