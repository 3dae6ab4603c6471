// SPDX-License-Identifier: MIT
//
// Runs programs in Node, one after the other, in virtual time, by the rules that Rondo keeps. Where Node 20 does not do
// what the standards say, this does; the clause is named there.

let current = null;

const lineLimit = 200;
const dispatchLimit = 30;
const ticksCounted = 30;

/// What is said of a reason on both sides.
export function describe(error) {
    if (error instanceof AggregateError) return `AggregateError(${error.errors.map(describe).join(',')})`;
    if (error instanceof TypeError && error.message.startsWith('Chaining cycle')) return 'TypeError cycle';
    if (error instanceof DOMException) return error.name;
    return error instanceof Error ? `${error.name} ${error.message}` : String(error);
}

/// Timers in virtual time: by deadline and then in the order in which they were set; an interval keeps to its grid.
class Timers {
    now = 0;
    order = 0;
    list = [];

    set(callback, delay, interval) {
        const timer = { deadline: this.now + delay, order: ++this.order, callback, interval, running: false };
        this.list.push(timer);
        return timer;
    }
    clear(timer) {
        if (!timer) return;
        timer.interval = null;
        const at = this.list.indexOf(timer);
        if (at >= 0) this.list.splice(at, 1);
    }
    /// Runs the next one; false if there is none.
    turn() {
        if (!this.list.length) return false;
        const next = this.list.reduce((a, b) =>
            b.deadline < a.deadline || (b.deadline === a.deadline && b.order < a.order) ? b : a);
        this.list.splice(this.list.indexOf(next), 1);
        this.now = Math.max(this.now, next.deadline);
        next.callback();
        if (next.interval !== null) {
            next.deadline += next.interval;
            next.order = ++this.order;
            this.list.push(next);
        }
        return true;
    }
}

// Events. Node 20 calls listeners that are added during a dispatch, reports what a listener throws only later, and keeps
// the `signal` of a listener by another listener. So these are the steps of the DOM standard themselves.

class Event {
    constructor(type) {
        this.type = type;
        this.defaultPrevented = false;
        this.stopped = false;
    }
    preventDefault() { this.defaultPrevented = true; }
    stopImmediatePropagation() { this.stopped = true; }
}

/// https://dom.spec.whatwg.org/#interface-eventtarget
class EventTarget {
    listeners = [];

    /// https://dom.spec.whatwg.org/#add-an-event-listener
    addEventListener(type, callback, { once = false, signal = null } = {}) {
        if (signal?.aborted || !callback) return;
        if (this.listeners.some((each) => each.type === type && each.callback === callback)) return;
        const listener = { type, callback, once, removed: false };
        this.listeners.push(listener);
        signal?.algorithms.add(() => this.remove(listener));
    }
    removeEventListener(type, callback) {
        const listener = this.listeners.find((each) => each.type === type && each.callback === callback);
        if (listener) this.remove(listener);
    }
    remove(listener) {
        listener.removed = true;
        this.listeners = this.listeners.filter((each) => each !== listener);
    }
    dispatchEvent(event) {
        this.invoke(event);
        event.stopped = false;
        return !event.defaultPrevented;
    }
    /// https://dom.spec.whatwg.org/#concept-event-listener-inner-invoke
    invoke(event) {
        for (const listener of [...this.listeners]) {
            if (listener.removed || listener.type !== event.type) continue;
            if (listener.once) this.remove(listener);
            guarded(listener.callback)(event);
            if (event.stopped) return;
        }
    }
}

// Node 20 aborts a dependent signal only when it has fired the event of its source, and has no abort algorithms.

/// https://dom.spec.whatwg.org/#interface-AbortSignal
class AbortSignal extends EventTarget {
    aborted = false;
    reason = undefined;
    algorithms = new Set();
    sources = [];
    dependents = [];

    throwIfAborted() {
        if (this.aborted) throw this.reason;
    }
    static abort(reason) {
        const signal = new AbortSignal();
        signal.setReason(reason);
        return signal;
    }
    /// https://dom.spec.whatwg.org/#create-a-dependent-abort-signal
    static any(signals) {
        const result = new AbortSignal();
        const aborted = signals.find((signal) => signal.aborted);
        if (aborted) {
            result.setReason(aborted.reason);
            return result;
        }
        result.dependent = true;
        for (const signal of signals) {
            for (const source of signal.dependent ? signal.sources : [signal]) {
                if (result.sources.includes(source)) continue;
                result.sources.push(source);
                source.dependents.push(result);
            }
        }
        return result;
    }
    setReason(reason) {
        this.aborted = true;
        this.reason = reason;
    }
    /// https://dom.spec.whatwg.org/#abortsignal-signal-abort
    abort(reason) {
        if (this.aborted) return;
        this.setReason(reason);
        const dependents = this.dependents.filter((dependent) => !dependent.aborted);
        for (const dependent of dependents) dependent.setReason(reason);
        this.runAbortSteps();
        for (const dependent of dependents) dependent.runAbortSteps();
    }
    runAbortSteps() {
        const algorithms = [...this.algorithms];
        this.algorithms.clear();
        for (const algorithm of algorithms) algorithm();
        this.dispatchEvent(new Event('abort'));
    }
}

class AbortController {
    signal = new AbortSignal();
    abort(reason = new DOMException('This operation was aborted', 'AbortError')) { this.signal.abort(reason); }
}

/// A callback as the event loop calls it: what it throws is reported at once, what it returns is dropped.
/// https://html.spec.whatwg.org/multipage/webappapis.html#report-the-exception
function guarded(callback) {
    return (...args) => {
        try {
            callback(...args);
        } catch (error) {
            current.log('error', describe(error));
        }
    };
}

function withResolvers() {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
}

const total = (values) => values.reduce((sum, value, i) => (sum + (i + 1) * value) % 1000, 0);

/// What a program may use.
class Runtime {
    constructor() {
        this.lines = [];
        this.fuel = dispatchLimit;
        this.ticks = 0;
        this.ticksLeft = 0;
        this.timers = new Timers();
        Object.assign(this, { describe, Event, EventTarget, AbortController, AbortSignal, withResolvers });
        for (const name of Object.getOwnPropertyNames(Runtime.prototype)) {
            if (name !== 'constructor') this[name] = this[name].bind(this);
        }
    }

    /// A line begins with the time and the tick: so much as one tick too many can be seen.
    log(id, ...values) {
        if (this.lines.length >= lineLimit) return;
        if (this.ticksLeft === 0) queueMicrotask(this.tick);
        this.ticksLeft = ticksCounted;
        this.lines.push([`${this.timers.now}ms`, this.ticks, id, ...values].join(' '));
    }
    /// Counts the ticks, from a line on, as long as lines come.
    tick() {
        ++this.ticks;
        if (--this.ticksLeft > 0) queueMicrotask(this.tick);
    }
    /// A line that says what is told of a rejection. On the Web microtasks run between two of these, in Node behind all.
    note(...values) {
        if (this.lines.length < lineLimit) this.lines.push([`${this.timers.now}ms`, ...values].join(' '));
    }
    setTimeout(f, delay, ...args) { return this.timers.set(() => guarded(f)(...args), delay, null); }
    setInterval(f, delay) { return this.timers.set(guarded(f), delay, Math.max(delay, 1)); }
    clearTimeout(timer) { this.timers.clear(timer); }
    queueMicrotask(f) { queueMicrotask(guarded(f)); }

    /// An interval that clears itself after some beats, unless it has been cleared before.
    beats(times, f, delay) {
        const timer = this.setInterval(() => {
            if (--times === 0) this.clearTimeout(timer);
            return f();
        }, delay);
        return timer;
    }
    later(delay, value) { return new Promise((resolve) => this.setTimeout(resolve, delay, value)); }
    delay(delay, { signal = null } = {}) {
        return new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            const algorithm = () => {
                this.clearTimeout(timer);
                reject(signal.reason);
            };
            const timer = this.setTimeout(() => {
                signal?.algorithms.delete(algorithm);
                resolve();
            }, delay);
            signal?.algorithms.add(algorithm);
        });
    }
    /// https://tc39.es/ecma262/#sec-promise.try
    attempt(f) { return new Promise((resolve) => resolve(f())); }

    listen(target, type, callback, options) {
        target.addEventListener(type, callback, options);
        return callback;
    }
    dispatch(target, type) {
        if (--this.fuel < 0) return 'tired';
        return target.dispatchEvent(new Event(type));
    }

    all(id, promise) {
        return promise.then((values) => {
            this.log(id, ...values);
            return total(values);
        });
    }
    /// What came of a request to an async generator, as a number.
    logStep(id, { done, value }) {
        this.log(id, done ? 'done' : 'value', value ?? 'none');
        return done ? (value ?? 50) + 100 : value;
    }
    step(id, promise) { return promise.then((result) => this.logStep(id, result)); }
    /// What `yield*` goes over when it is no generator. Node 20 rejects with what is thrown into it; it is a TypeError.
    /// https://tc39.es/ecma262/#sec-%asyncfromsynciteratorprototype%.throw
    list(values) {
        const iterator = values.values();
        return {
            [Symbol.iterator]() { return this; },
            next: () => iterator.next(),
            throw: () => { throw new TypeError("The iterator does not provide a 'throw' method"); },
        };
    }
    async forAwait(iterable, awaits, f) {
        for await (const value of iterable) {
            const goesOn = awaits ? await f(value) : f(value);
            if (goesOn === false) break;
        }
    }
    /// https://tc39.es/proposal-array-from-async/
    async fromAsync(iterable, mapper = null) {
        const values = [];
        for await (const value of iterable) values.push(mapper ? await mapper(value) : value);
        return values;
    }
    allSettled(id, promise) {
        return promise.then((ends) => {
            this.log(id, ...ends.map((end) => (end.status === 'fulfilled' ? end.value : describe(end.reason))));
            return ends.length;
        });
    }
}

const reasons = new WeakMap();
process.on('unhandledRejection', (reason, promise) => {
    reasons.set(promise, reason);
    current.note('unhandled', describe(reason));
});
process.on('rejectionHandled', (promise) => current.note('handled late', describe(reasons.get(promise))));

/// A task of its own: behind it Node runs all microtasks, and then tells of the rejections that nobody handled.
const task = (f) => new Promise((done) => setImmediate(() => {
    f();
    setImmediate(done);
}));

/// Calls `print` with the lines of each program.
export async function runAll(programs, print) {
    for (const [seed, program] of programs) {
        const runtime = (current = new Runtime());
        await task(() => {
            try {
                program(runtime)();
            } catch (error) {
                runtime.log('main', describe(error));
            }
        });
        for (let more = true; more;) await task(() => (more = runtime.timers.turn()));
        print(seed, runtime.lines);
    }
}
