// a listener added during a dispatch waits for the next one, whether others are still to be called or not
const log = console.log;
const t = new EventTarget();
const once = { once: true };
t.addEventListener('x', () => { log('first'); t.addEventListener('x', () => log('added by the first'), once); }, once);
t.addEventListener('x', () => { log('last'); t.addEventListener('x', () => log('added by the last'), once); }, once);
t.dispatchEvent(new Event('x')); log('--'); t.dispatchEvent(new Event('x'));
