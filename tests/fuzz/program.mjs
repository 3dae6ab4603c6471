// SPDX-License-Identifier: MIT
//
// Random asynchronous programs, as trees that `javascript.mjs` and `cplusplus.mjs` print.
//
// Whatever has a value is an int or a promise of one. Operands are variables, constants, or things whose making has no
// effect that could be seen, so that no order of evaluation is left open; all else stands in a statement of its own.
// Variables never change, but for the slots of the program: a lambda may copy them or refer to them.
//
// A node is an object with a kind, `k`. Names are numbers; a printer puts a letter before them.

/// A small generator of pseudo-random numbers (xorshift32, its seed spread first).
export class Random {
    constructor(seed) {
        let x = (seed + 1) >>> 0;
        x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
        x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
        this.state = (x ^ (x >>> 16)) >>> 0 || 1;
    }
    next() {
        let x = this.state;
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        return (this.state = x >>> 0);
    }
    /// 0 to n - 1.
    below(n) { return Math.floor((this.next() / 4294967296) * n); }
    chance(p) { return this.next() / 4294967296 < p; }
    pick(list) { return list[this.below(list.length)]; }
    /// One of the names, as often as its number says.
    weighted(weights) {
        const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
        let at = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
        for (const [name, weight] of entries) {
            at -= weight;
            if (at < 0) return name;
        }
    }
}

/// What a program may leave out: each is left out of some programs, so that the others meet more often.
const features = [
    'functions', 'chains', 'executors', 'resolvers', 'thenables', 'combinators', 'microtasks', 'timers', 'intervals',
    'events', 'aborts', 'tries', 'loops', 'rejections', 'slots', 'generators',
];

class Maker {
    constructor(seed, options) {
        this.random = new Random(seed);
        this.options = options;
        this.names = 0;
        this.logs = 0;
        this.errors = 0;
        this.left = 28 + this.random.below(32); // statements
        this.on = {};
        for (const feature of features) this.on[feature] = this.random.chance(0.7);
        if (options.generators === false) this.on.generators = false;
        this.slots = {
            n: 2, p: 2 + this.random.below(2), r: 2 + this.random.below(2), t: 3, g: 1 + this.random.below(2), l: 3, c: 2, s: 3,
        };
        this.functions = [];
        this.producers = [];
    }

    name() { return ++this.names; }
    slot(kind) { return this.random.below(this.slots[kind]); }

    program(seed) {
        const all = this.left;
        if (this.on.generators) {
            const count = 1 + this.random.below(2);
            for (let i = count - 1; i >= 0; --i) {
                this.left = 4 + this.random.below(8);
                this.producers[i] = this.producer(i);
            }
        }
        const count = this.on.functions ? 1 + this.random.below(4) : 0;
        for (let i = count - 1; i >= 0; --i) {
            this.left = Math.ceil(all / (count + 1.5));
            this.functions[i] = this.asyncFunction(i);
        }
        this.left = all - count * Math.ceil(all / (count + 1.5)) + 6;
        const scope = newScope(0);
        const main = [];
        const size = 6 + this.random.below(8);
        for (let i = 0; i < size; ++i) {
            if (count && i === size >> 1) this.bind(main, scope, 'promise', { k: 'plet', p: this.call(0, scope) });
            this.statement(main, scope);
        }
        main.push(this.log(scope));
        const used = this.functions.map((body, i) => ({ k: 'function', i, fn: body }));
        const producers = this.producers.map((body, i) => ({ k: 'producer', i, fn: body }));
        return { k: 'program', seed, slots: this.slots, producers, functions: used, main };
    }

    asyncFunction(index) {
        const params = [{ n: this.name(), t: 'int' }];
        if (this.random.chance(0.3)) params.push({ n: this.name(), t: 'promise' });
        if (this.random.chance(0.25)) params.push({ n: this.name(), t: 'resolver' });
        const scope = newScope(index + 1);
        return this.fn(scope, { async: this.random.chance(0.8), ret: 'promise', params, size: 2 + this.random.below(5) });
    }

    /// A function or a lambda. `ret`: 'int', 'promise', 'bool' or 'void', of what a call that is not async returns.
    fn(outer, { async, ret, params = [], size = 1 + this.random.below(3), extra = {} }) {
        const scope = { ...copyScope(outer), async, ret, loop: false, stays: false, tried: false, event: false, listener: false, producer: false, ...extra };
        for (const { n, t } of params) declare(scope, t, n);
        const body = [];
        for (const { n, t } of params) {
            if ((t === 'error' || t === 'typed') && this.random.chance(0.8)) body.push({ k: 'logError', id: ++this.logs, n });
        }
        if (scope.event && this.random.chance(0.3))
            body.push({ k: this.random.chance(0.6) ? 'stop' : 'prevent' });
        if (this.random.chance(0.7)) body.push(this.log(scope));
        for (let i = 0; i < size; ++i) this.statement(body, scope);
        this.ending(body, scope);
        return { k: 'fn', async, ret, params, body };
    }

    ending(body, scope) {
        if (scope.ret === 'void') {
            if (this.on.rejections && this.random.chance(0.06)) body.push({ k: 'throw', e: this.error() });
        } else if (this.on.rejections && this.random.chance(0.12)) {
            body.push({ k: 'throw', e: this.error() });
        } else {
            body.push(this.returning(body, scope));
        }
    }

    returning(body, scope) {
        if (scope.ret === 'void') return { k: 'return' };
        if (scope.ret === 'bool') return { k: 'return', a: this.int(scope), r: this.random.below(2) };
        // a generator awaits what it returns: inside of `try` in JavaScript, behind its end in Rondo
        if (scope.ret === 'int' || (scope.producer && scope.tried) || (scope.async && this.random.chance(0.6))) return { k: 'return', x: this.int(scope) };
        if (scope.async && !scope.producer && this.on.thenables && this.random.chance(0.1)) return { k: 'return', t: this.thenable(scope) };
        return { k: 'return', p: this.promise(scope, body) };
    }

    // Expressions.

    int(scope) {
        const kind = this.random.weighted({ lit: 3, var: scope.int.length ? 5 : 0, slot: 2, add: 2 });
        if (kind === 'var') return { k: 'var', n: this.random.pick(scope.int) };
        if (kind === 'slot') return { k: 'islot', i: this.slot('n') };
        if (kind === 'add') return { k: 'add', a: this.int(scope), b: this.int(scope) };
        return { k: 'lit', v: this.random.below(10) };
    }

    error() {
        return { k: 'error', cls: this.random.pick(['Error', 'Error', 'TypeError', 'RangeError']), m: `e${++this.errors}` };
    }

    /// A promise whose making cannot be seen.
    atom(scope) {
        const kind = this.random.weighted({
            pvar: scope.promise.length ? 6 : 0,
            slot: this.on.slots ? 2 : 0,
            rpromise: this.on.resolvers ? 3 : 0,
            resolve: 1,
        });
        if (kind === 'pvar') return { k: 'pvar', n: this.random.pick(scope.promise) };
        if (kind === 'slot') return { k: 'pslot', i: this.slot('p') };
        if (kind === 'rpromise') return { k: 'rpromise', r: this.resolver(scope) };
        return { k: 'resolve', x: this.int(scope) };
    }

    /// A pair of resolving functions, with its promise.
    resolver(scope) {
        if (scope.resolver.length && this.random.chance(0.5)) return { k: 'rvar', n: this.random.pick(scope.resolver) };
        return { k: 'rslot', i: this.slot('r') };
    }

    promise(scope, body, depth = 0) {
        const deep = this.left > 0 && depth < 3;
        const calls = this.functions.map((_, i) => i).filter((i) => i >= scope.callable && this.functions[i]);
        const kind = this.random.weighted({
            atom: 6,
            resolve: 2,
            resolveP: 1,
            reject: this.on.rejections ? 1 : 0,
            call: calls.length && deep ? 7 : 0,
            iife: deep ? 2 : 0,
            executor: this.on.executors && deep ? 3 : 0,
            attempt: this.on.executors && deep ? 1 : 0,
            chain: this.on.chains && deep ? 7 : 0,
            combine: this.on.combinators && deep ? 5 : 0,
            later: this.on.timers ? 1 : 0,
            pause: this.on.timers ? 1 : 0,
            resolveT: this.on.thenables && deep ? 1 : 0,
            step: this.on.generators && scope.iterator.length ? 8 : 0,
            collect: this.on.generators && deep && this.hasProducer(scope) ? 1 : 0,
        });
        switch (kind) {
        case 'resolve': return { k: 'resolve', x: this.int(scope) };
        case 'resolveP': return { k: 'resolveP', p: this.atom(scope) };
        case 'reject': return { k: 'reject', e: this.error() };
        case 'call': return this.call(this.random.pick(calls), scope);
        case 'iife':
            --this.left;
            return { k: 'iife', fn: this.fn(scope, { async: true, ret: 'promise' }) };
        case 'executor': {
            --this.left;
            const exec = this.name();
            const fn = this.fn(scope, { async: this.random.chance(0.2), ret: 'void', params: [{ n: exec, t: 'exec' }] });
            if (this.random.chance(0.6)) fn.body.splice(this.random.below(fn.body.length), 0, this.settleExec(scope, exec));
            return { k: 'executor', n: exec, fn };
        }
        case 'attempt':
            --this.left;
            return { k: 'attempt', fn: this.handler(scope, []) };
        case 'chain': return this.chain(scope, body, depth);
        case 'combine': return this.combine(scope, body, depth);
        case 'later': return { k: 'later', ms: this.ms(), x: this.int(scope) };
        case 'pause': return { k: 'pause', ms: this.ms(), x: this.int(scope), s: this.on.aborts ? this.slot('s') : null };
        case 'resolveT':
            --this.left;
            return { k: 'resolveT', t: this.thenable(scope) };
        case 'step': return this.step(scope);
        case 'collect': {
            const fn = this.random.chance(0.5) ? this.handler(scope, [{ n: this.name(), t: 'int' }]) : null;
            return { k: 'collect', id: ++this.logs, g: this.iterable(scope), fn };
        }
        default: return this.atom(scope);
        }
    }

    call(i, scope) {
        const args = this.functions[i].params.map(({ t }) =>
            t === 'int' ? this.int(scope) : t === 'promise' ? this.atom(scope) : this.resolver(scope));
        return { k: 'call', i, args };
    }

    /// What `then` and its kind take; returns an int, a promise, or throws.
    handler(scope, params) {
        const ret = this.random.chance(0.6) ? 'int' : 'promise';
        return this.fn(scope, { async: ret === 'promise' && this.random.chance(0.6), ret, params, size: this.random.below(3) });
    }

    chain(scope, body, depth) {
        const base = this.promise(scope, body, depth + 1);
        const links = [];
        const count = 1 + this.random.below(3);
        for (let i = 0; i < count; ++i) {
            --this.left;
            const m = this.random.weighted({ then: 5, both: 2, catch: 3, catchType: 1, finally: 3, nothing: 2 });
            const link = { k: 'link', m };
            if (m === 'then' || m === 'both') {
                link.fn = this.handler(scope, this.random.chance(0.9) ? [{ n: this.name(), t: 'int' }] : []);
            }
            if (m === 'both' || m === 'catch')
                link.gn = this.handler(scope, this.random.chance(0.8) ? [{ n: this.name(), t: 'error' }] : []);
            if (m === 'catchType') {
                link.cls = this.random.pick(['TypeError', 'RangeError']);
                const ret = this.random.chance(0.6) ? 'int' : 'promise';
                link.gn = this.fn(scope, { async: false, ret, params: [{ n: this.name(), t: 'typed' }], size: 1 });
            }
            if (m === 'nothing') { // by way of a promise of nothing
                link.x = this.int(scope);
                const n = this.name();
                link.caught = this.random.chance(0.4);
                const params = this.random.chance(0.8) ? [{ n, t: link.caught ? 'error' : 'int' }] : [];
                const async = this.random.chance(0.4);
                link.fn = this.fn(scope, { async, ret: 'void', params, size: this.random.below(2) });
            }
            if (m === 'finally') {
                const ret = this.random.chance(0.5) ? 'void' : 'promise';
                const async = this.random.chance(ret === 'promise' ? 0.5 : 0.3);
                link.fn = this.fn(scope, { async, ret, size: this.random.below(3) });
            }
            links.push(link);
        }
        return { k: 'chain', base, links };
    }

    combine(scope, body, depth) {
        --this.left;
        const m = this.random.pick(['all', 'allSettled', 'any', 'race']);
        const range = this.random.chance(0.3);
        const count = range ? this.random.below(4) : 1 + this.random.below(3);
        const fails = m === 'any' && this.random.chance(0.4);
        const xs = [];
        for (let i = 0; i < count; ++i) {
            if (!range && !fails && this.random.chance(0.2)) {
                xs.push({ k: 'value', x: this.int(scope) });
            } else if (this.on.rejections && this.random.chance(fails ? 0.9 : 0.1)) {
                xs.push({ k: 'reject', e: this.error() });
            } else if (this.left > 0 && this.random.chance(0.4)) {
                xs.push(this.hoisted(scope, body, depth));
            } else {
                xs.push(this.atom(scope));
            }
        }
        return { k: 'combine', m, range, xs, id: ++this.logs };
    }

    /// A promise in a variable of its own.
    hoisted(scope, body, depth) {
        const p = this.promise(scope, body, depth + 1);
        const n = this.name();
        body.push({ k: 'plet', n, p });
        declare(scope, 'promise', n);
        return { k: 'pvar', n };
    }

    thenable(scope) {
        const exec = this.name();
        const size = this.random.below(3);
        const fn = this.fn(scope, { async: false, ret: 'void', params: [{ n: exec, t: 'exec' }], size });
        if (this.random.chance(0.8)) fn.body.splice(this.random.below(fn.body.length), 0, this.settleExec(scope, exec));
        return { k: 'thenable', n: exec, fn };
    }

    settleExec(scope, n) {
        const r = { k: 'exec', n };
        if (this.on.rejections && this.random.chance(0.25)) return { k: 'settle', r, how: 'reject', e: this.error() };
        return { k: 'settle', r, how: 'value', x: this.int(scope) };
    }

    /// Of an event: mostly the same, so that listeners meet.
    type() { return this.random.chance(0.8) ? 0 : 1; }
    ms() { return this.random.pick([0, 0, 1, 2, 2, 5, 5, 10]); }

    // Async generators.

    producer(index) {
        const scope = { ...newScope(99), callable: 99, makes: index + 1 };
        const params = [{ n: this.name(), t: 'int' }];
        const fn = this.fn(scope, {
            async: true, ret: 'promise', params, size: 2 + this.random.below(3), extra: { producer: true },
        });
        fn.producer = true;
        for (let i = this.random.below(3); i > 0; --i)
            fn.body.splice(this.random.below(fn.body.length), 0, { k: 'yield', x: { k: 'lit', v: this.random.below(10) } });
        return fn;
    }
    hasProducer(scope) { return this.producers.some((made, i) => made && i >= (scope.makes ?? 0)); }
    /// A call of a generator function.
    production(scope) {
        const usable = this.producers.map((_, i) => i).filter((i) => this.producers[i] && i >= (scope.makes ?? 0));
        return { k: 'production', i: this.random.pick(usable), x: this.int(scope) };
    }
    /// What `for await` goes over.
    iterable(scope) {
        const kind = this.random.weighted({ production: this.hasProducer(scope) ? 3 : 0, iterator: scope.iterator.length ? 3 : 0, list: 1 });
        if (kind === 'production') return this.production(scope);
        if (kind === 'iterator') return { k: 'iterator', n: this.random.pick(scope.iterator) };
        const xs = [];
        const count = this.random.below(4);
        for (let i = 0; i < count; ++i)
            xs.push(this.on.rejections && this.random.chance(0.1) ? { k: 'reject', e: this.error() } : this.atom(scope));
        return { k: 'list', xs };
    }
    /// A request, and what comes of it, as a promise of an int.
    step(scope) {
        const m = this.random.weighted({ next: 6, return: 1, returnP: 1, returnNothing: 1, throw: this.on.rejections ? 1 : 0 });
        const step = { k: 'step', n: this.random.pick(scope.iterator), m, id: ++this.logs };
        if (m === 'return') step.x = this.int(scope);
        if (m === 'returnP') step.p = this.atom(scope);
        if (m === 'throw') step.e = this.error();
        return step;
    }
    make_yield(body, scope) {
        const kind = this.random.weighted({ x: 4, p: 3, all: this.hasProducer(scope) ? 2 : 0, list: 1 });
        if (kind === 'x') {
            body.push({ k: 'yield', x: this.int(scope) });
        } else if (kind === 'p') {
            body.push({ k: 'yield', p: this.promise(scope, body) });
        } else {
            const g = kind === 'all' ? this.production(scope) : this.iterable({ ...scope, makes: 99, iterator: [] });
            body.push({ k: 'yieldAll', id: ++this.logs, n: this.name(), g });
        }
    }
    make_iterate(body, scope) {
        this.bind(body, scope, 'iterator', { k: 'iterate', g: this.production(scope) });
        for (let i = this.random.below(4); i > 0; --i) this.bind(body, scope, 'promise', { k: 'plet', p: this.step(scope) });
    }
    make_awaitStep(body, scope) { this.bind(body, scope, 'int', { k: 'awaitStep', step: this.step(scope) }); }
    make_forAwait(body, scope) {
        const g = this.iterable(scope);
        const ret = this.random.chance(0.5) ? 'bool' : 'void';
        const fn = this.fn({ ...copyScope(scope), depth: scope.depth + 1 }, {
            async: this.random.chance(0.5), ret, params: [{ n: this.name(), t: 'int' }], size: 1 + this.random.below(2),
        });
        body.push({ k: 'forAwait', g, fn, awaited: scope.async && this.random.chance(0.7) });
    }
    make_drain(body, scope) {
        const n = this.name();
        const inner = { ...copyScope(scope), depth: scope.depth + 1, loop: true };
        declare(inner, 'int', n);
        const iterator = this.random.pick(scope.iterator);
        body.push({ k: 'drain', i: iterator, n, body: this.block(inner, 1 + this.random.below(2)) });
    }

    // Statements.

    log(scope) {
        const xs = [];
        const count = this.random.below(3);
        for (let i = 0; i < count; ++i) xs.push(this.int(scope));
        return { k: 'log', id: ++this.logs, xs };
    }

    block(scope, size, more = {}) {
        const inner = { ...copyScope(scope), ...more };
        const body = [];
        for (let i = 0; i < size; ++i) this.statement(body, inner);
        if (!body.length) body.push(this.log(inner));
        return body;
    }

    statement(body, scope) {
        if (this.left-- <= 0) return void (this.random.chance(0.2) && body.push(this.log(scope)));
        const { on, random } = this;
        const nested = scope.depth < 4;
        const kind = random.weighted({
            log: 2,
            let: 1,
            iset: on.slots ? 2 : 0,
            plet: 5,
            pslot: on.slots ? 2 : 0,
            float: 3,
            await: scope.async ? 9 : 0,
            settled: scope.async ? 2 : 0,
            awaitThenable: scope.async && on.thenables ? 2 : 0,
            awaitPause: scope.async && on.timers ? 2 : 0,
            try: on.tries && nested ? (scope.async ? 4 : 1) : 0,
            throw: on.rejections && nested && scope.depth > 0 ? 1 : 0,
            if: nested ? 2 : 0,
            for: on.loops && nested && !scope.loop ? 2 : 0,
            leave: scope.loop && !scope.stays ? 2 : 0,
            return: scope.depth > 1 && scope.ret && !scope.stays ? 1 : 0,
            micro: on.microtasks && nested ? 3 : 0,
            timeout: on.timers && nested ? 4 : 0,
            interval: on.intervals && nested ? 2 : 0,
            clear: on.timers || on.intervals ? 1 : 0,
            rdecl: on.resolvers ? 2 : 0,
            rslot: on.resolvers ? 1 : 0,
            settle: on.resolvers ? 5 : 0,
            settleExec: scope.exec.length ? 9 : 0,
            listen: on.events && nested ? (scope.listener ? 10 : 5) : 0,
            relisten: on.events ? (scope.listener ? 5 : 2) : 0,
            unlisten: on.events ? (scope.listener ? 5 : 2) : 0,
            dispatch: on.events ? (scope.listener ? 8 : 5) : 0,
            onabort: on.aborts && nested ? 5 : 0,
            abort: on.aborts ? 4 : 0,
            control: on.aborts ? 1 : 0,
            sany: on.aborts ? 4 : 0,
            aborted: on.aborts ? 1 : 0,
            throwIfAborted: on.aborts && scope.async ? 1 : 0,
            yield: scope.producer ? 25 : 0,
            late: on.rejections && on.timers && nested ? 2 : 0,
            iterate: on.generators && this.hasProducer(scope) ? (scope.iterator.length ? 2 : 5) : 0,
            awaitStep: scope.async && on.generators && scope.iterator.length ? 8 : 0,
            forAwait: on.generators && nested && this.hasProducer(scope) ? 3 : 0,
            drain: on.generators && scope.async && nested && scope.iterator.length ? 3 : 0,
            tryFinally: on.tries && nested ? (scope.producer ? 4 : 1) : 0,
        });
        this[`make_${kind}`](body, scope);
    }

    make_log(body, scope) { body.push(this.log(scope)); }
    make_let(body, scope) { this.bind(body, scope, 'int', { k: 'let', x: this.int(scope) }); }
    make_iset(body, scope) { body.push({ k: 'iset', i: this.slot('n'), x: this.int(scope) }); }
    make_plet(body, scope) { this.bind(body, scope, 'promise', { k: 'plet', p: this.promise(scope, body) }); }
    make_pslot(body, scope) { body.push({ k: 'pset', i: this.slot('p'), p: this.promise(scope, body) }); }
    make_float(body, scope) { body.push({ k: 'float', p: this.promise(scope, body) }); }
    make_await(body, scope) {
        this.bind(body, scope, 'int', { k: 'await', p: this.promise(scope, body) });
        if (this.random.chance(0.5)) body.push({ k: 'log', id: ++this.logs, xs: [{ k: 'var', n: scope.int.at(-1) }] });
    }
    make_settled(body, scope) { body.push({ k: 'settled', id: ++this.logs, p: this.promise(scope, body) }); }
    make_awaitThenable(body, scope) { this.bind(body, scope, 'int', { k: 'awaitThenable', t: this.thenable(scope) }); }
    make_awaitPause(body) {
        body.push({ k: 'awaitPause', ms: this.ms(), s: this.on.aborts && this.random.chance(0.4) ? this.slot('s') : null });
    }
    make_try(body, scope) {
        const e = this.name();
        const inner = { depth: scope.depth + 1 };
        const tried = this.block(scope, 1 + this.random.below(3), { ...inner, tried: true });
        if (this.on.rejections && this.random.chance(0.2)) tried.push({ k: 'throw', e: this.error() });
        const handlerScope = { ...copyScope(scope), ...inner };
        declare(handlerScope, 'error', e);
        const handler = [{ k: 'logError', id: ++this.logs, n: e }];
        const size = this.random.below(2);
        for (let i = 0; i < size; ++i) this.statement(handler, handlerScope);
        if (this.random.chance(0.25)) handler.push({ k: 'rethrow', n: e });
        body.push({ k: 'try', body: tried, e, handler });
    }
    make_tryFinally(body, scope) {
        const inner = { depth: scope.depth + 1 };
        const tried = this.block(scope, 1 + this.random.below(3), { ...inner, tried: true, stays: true, loop: false });
        if (this.on.rejections && this.random.chance(0.2)) tried.push({ k: 'throw', e: this.error() });
        const finalizer = [this.log(scope), ...this.block(scope, this.random.below(2), inner)];
        body.push({ k: 'tryFinally', n: this.name(), body: tried, finalizer });
    }
    make_throw(body, scope) {
        if (scope.error.length && this.random.chance(0.4)) {
            this.unless(body, scope, { k: 'rethrow', n: this.random.pick(scope.error) });
        } else {
            this.unless(body, scope, { k: 'throw', e: this.error() });
        }
    }
    make_leave(body, scope) { this.unless(body, scope, { k: this.random.pick(['break', 'continue']) }); }
    make_return(body, scope) {
        const inner = [];
        const innerScope = copyScope(scope);
        inner.push(this.returning(inner, innerScope));
        body.push({ k: 'if', a: this.int(scope), r: this.random.below(2), body: inner, other: [] });
    }
    /// What leaves the block stands behind a condition, or nothing behind it would run.
    unless(body, scope, statement) {
        body.push({ k: 'if', a: this.int(scope), r: this.random.below(2), body: [statement], other: [] });
    }
    make_if(body, scope) {
        const inner = { depth: scope.depth + 1 };
        const then = this.block(scope, 1 + this.random.below(2), inner);
        const other = this.random.chance(0.5) ? this.block(scope, 1 + this.random.below(2), inner) : [];
        body.push({ k: 'if', a: this.int(scope), r: this.random.below(2), body: then, other });
    }
    make_for(body, scope) {
        const n = this.name();
        const inner = copyScope(scope);
        declare(inner, 'int', n);
        const size = 1 + this.random.below(3);
        body.push({ k: 'for', n, to: 2 + this.random.below(2), body: this.block(inner, size, { depth: scope.depth + 1, loop: true }) });
    }
    make_micro(body, scope) { body.push({ k: 'micro', fn: this.callback(scope) }); }
    make_timeout(body, scope) {
        const arg = this.random.chance(0.3) ? { n: this.name(), t: 'int' } : null;
        const x = arg && this.int(scope);
        body.push({ k: 'timeout', i: this.slot('t'), ms: this.ms(), x, fn: this.callback(scope, arg ? [arg] : []) });
    }
    make_interval(body, scope) {
        body.push({ k: 'interval', i: this.slot('t'), ms: this.ms(), times: 1 + this.random.below(3), fn: this.callback(scope) });
    }
    /// A promise that may be rejected long before somebody listens to it.
    make_late(body, scope) {
        body.push({ k: 'log', id: ++this.logs, xs: [] });
        const n = this.name();
        const p = this.random.chance(0.5) ? { k: 'reject', e: this.error() } : this.promise(scope, body);
        body.push({ k: 'plet', n, p });
        const inner = { ...copyScope(scope), depth: scope.depth + 1 };
        declare(inner, 'promise', n);
        const gn = this.handler(inner, [{ n: this.name(), t: 'error' }]);
        const listens = { k: 'float', p: { k: 'chain', base: { k: 'pvar', n }, links: [{ k: 'link', m: 'catch', gn }] } };
        const fn = { k: 'fn', async: false, ret: 'void', params: [], body: [this.log(inner), listens] };
        body.push({ k: 'timeout', i: this.slot('t'), ms: this.ms(), x: null, fn });
        declare(scope, 'promise', n);
    }
    make_clear(body) { body.push({ k: 'clear', i: this.slot('t') }); }
    callback(scope, params = [], extra = {}) {
        const outer = { ...copyScope(scope), depth: scope.depth + 1 };
        return this.fn(outer, { async: this.random.chance(0.4), ret: 'void', params, extra });
    }
    make_rdecl(body, scope) { this.bind(body, scope, 'resolver', { k: 'rdecl' }); }
    make_rslot(body) { body.push({ k: 'rset', i: this.slot('r') }); }
    make_settle(body, scope) { this.settle(body, scope, this.resolver(scope)); }
    make_settleExec(body, scope) { this.settle(body, scope, { k: 'exec', n: this.random.pick(scope.exec) }); }
    settle(body, scope, r) {
        const how = this.random.weighted({
            value: 5, promise: 3, thenable: this.on.thenables && this.left > 0 ? 1 : 0, reject: this.on.rejections ? 2 : 0,
        });
        const statement = { k: 'settle', r, how };
        if (how === 'value') statement.x = this.int(scope);
        if (how === 'promise') statement.p = this.random.chance(0.7) ? this.atom(scope) : this.hoisted(scope, body, 1);
        if (how === 'thenable') statement.t = this.thenable(scope);
        if (how === 'reject') statement.e = this.error();
        body.push(statement);
    }
    make_listen(body, scope) {
        const g = this.slot('g');
        const type = this.type();
        const once = this.random.chance(0.4);
        const listen = (fn) => ({
            k: 'listen', l: this.slot('l'), g, type, once: this.random.chance(0.3),
            s: this.on.aborts && this.random.chance(0.4) ? this.slot('s') : null, fn,
        });
        const fn = this.callback(scope, [], { event: true, listener: true });
        // what the rules of dispatch are about: the same event again, and listeners that come and go meanwhile
        const inside = [];
        if (this.random.chance(once ? 0.4 : 0.05)) inside.push({ k: 'dispatch', id: ++this.logs, g, type });
        if (this.random.chance(0.2)) inside.push(listen(this.callback(scope, [], { event: true, listener: true })));
        if (this.random.chance(0.1)) inside.push({ k: 'unlisten', l: this.slot('l'), g, type });
        for (const each of inside) fn.body.splice(this.random.below(fn.body.length), 0, each);
        body.push({ ...listen(fn), once });
        if (this.random.chance(0.5)) body.push({ k: 'dispatch', id: ++this.logs, g, type });
    }
    make_relisten(body) {
        body.push({ k: 'relisten', l: this.slot('l'), g: this.slot('g'), type: this.type(), once: this.random.chance(0.3) });
    }
    make_unlisten(body) { body.push({ k: 'unlisten', l: this.slot('l'), g: this.slot('g'), type: this.type() }); }
    make_dispatch(body) { body.push({ k: 'dispatch', id: ++this.logs, g: this.slot('g'), type: this.type() }); }
    make_onabort(body, scope) {
        const fn = this.callback(scope, [], { event: true });
        // while listeners are called, all that depend on the signal are aborted already
        if (this.random.chance(0.6)) fn.body.splice(this.random.below(fn.body.length), 0, { k: 'aborted', id: ++this.logs, s: this.slot('s') });
        body.push({ k: 'onabort', s: this.slot('s'), once: this.random.chance(0.2), fn });
    }
    make_abort(body) { body.push({ k: 'abort', c: this.slot('c'), e: this.random.chance(0.5) ? this.error() : null }); }
    make_control(body) { body.push({ k: 'control', c: this.slot('c'), s: this.slot('s') }); }
    make_sany(body) {
        const xs = [this.slot('s')];
        if (this.random.chance(0.7)) xs.push(this.slot('s'));
        body.push(this.random.chance(0.15) ? { k: 'sabort', s: this.slot('s'), e: this.error() } : { k: 'sany', s: this.slot('s'), xs });
    }
    make_aborted(body) { body.push({ k: 'aborted', id: ++this.logs, s: this.slot('s') }); }
    make_throwIfAborted(body) { body.push({ k: 'throwIfAborted', s: this.slot('s') }); }

    bind(body, scope, type, statement) {
        const n = this.name();
        body.push({ ...statement, n });
        declare(scope, type, n);
    }
}

/// `callable`: the first function that may be called here, so that calls end.
function newScope(callable) {
    return {
        callable, depth: 0, async: false, ret: null, loop: false, stays: false, tried: false, event: false, listener: false, producer: false,
        int: [], promise: [], resolver: [], exec: [], error: [], typed: [], iterator: [],
    };
}
function copyScope(scope) {
    const copy = { ...scope };
    for (const [key, value] of Object.entries(scope)) if (Array.isArray(value)) copy[key] = [...value];
    return copy;
}
function declare(scope, type, n) { scope[type].push(n); }

export function makeProgram(seed, options = {}) {
    return new Maker(seed, options).program(seed);
}

/// Calls `visit` with every node of a tree.
export function walk(node, visit) {
    if (Array.isArray(node)) {
        for (const each of node) walk(each, visit);
    } else if (node && typeof node === 'object') {
        if (node.k) visit(node);
        for (const value of Object.values(node)) walk(value, visit);
    }
}
