// Node, with the names of what does the same work with Rondo. Prints JSON as the other programs write it.

import { Worker } from "node:worker_threads";

const tries = 5;
const results = [];

/** `round(count)` does `count` operations; the first one warms up. */
async function measure(name, count, round) {
    await round(count);
    for (let i = 0; i < tries; ++i) {
        const began = performance.now();
        await round(count);
        const each = (performance.now() - began) / 1000 / count;
        results.push({ run_name: name, run_type: "iteration", each });
    }
}

const settled = Promise.resolve(1);
await measure("await_settled_promise", 1_000_000, async (count) => {
    for (let i = 0; i < count; ++i) await settled;
});

async function returnAtOnce(i) {
    return i;
}
await measure("await_async_function_that_returns_at_once", 1_000_000, async (count) => {
    for (let i = 0; i < count; ++i) await returnAtOnce(i);
});

async function fib(n) {
    if (n < 2) return n;
    const a = await fib(n - 1);
    const b = await fib(n - 2);
    return a + b;
}
await measure("fib_of_async_functions", 2_692_537, () => fib(30));

async function link(next) {
    return 1 + (await next);
}
await measure("chain_of_async_functions/1000000", 1_000_000, async (count) => {
    let settle;
    let first = new Promise((resolve) => (settle = resolve));
    for (let i = 0; i < count; ++i) first = link(first);
    settle(0);
    await first;
});

const selfReposting = (queue) => (count) =>
    new Promise((resolve) => {
        let left = count;
        const again = () => (--left > 0 ? queue(again) : resolve());
        queue(again);
    });
const burst = (queue) => (count) =>
    new Promise((resolve) => {
        let left = count;
        for (let i = 0; i < count; ++i) queue(() => --left > 0 || resolve());
    });
await measure("microtask_self_reposting", 1_000_000, selfReposting(queueMicrotask));
await measure("microtask_burst/1000", 1000, burst(queueMicrotask));
await measure("microtask_burst/1000000", 1_000_000, burst(queueMicrotask));
await measure("task_self_reposting", 100_000, selfReposting(setImmediate));
await measure("task_burst/1000", 1000, burst(setImmediate));
await measure("task_burst/1000000", 1_000_000, burst(setImmediate));

function fed() {
    let controller;
    const stream = new ReadableStream({ start: (given) => (controller = given) });
    return { controller, reader: stream.getReader() };
}
await measure("chunk_enqueued_and_read", 100_000, async (count) => {
    const { controller, reader } = fed();
    for (let i = 0; i < count; ++i) {
        controller.enqueue(i);
        await reader.read();
    }
});
await measure("ping_pong_through_streams", 100_000, async (count) => {
    const there = fed();
    const back = fed();
    (async () => {
        for (let step; !(step = await there.reader.read()).done; ) back.controller.enqueue(step.value);
    })();
    for (let i = 0; i < count / 2; ++i) {
        there.controller.enqueue(i);
        await back.reader.read();
    }
    there.controller.close();
});
function streamOfNumbers(count, highWaterMark) {
    let last = 0;
    return new ReadableStream(
        { pull: (controller) => (++last <= count ? controller.enqueue(last) : controller.close()) },
        { highWaterMark },
    );
}
const consumer = () => new WritableStream({ write() {} });
await measure("chunk_iterated_over", 100_000, async (count) => {
    for await (const chunk of streamOfNumbers(count, 0)) void chunk;
});
await measure("chunk_piped", 100_000, (count) => streamOfNumbers(count, 1).pipeTo(consumer()));
await measure("chunk_piped_through_identity", 100_000, (count) =>
    streamOfNumbers(count, 1).pipeThrough(new TransformStream()).pipeTo(consumer()),
);

const delays = Array.from({ length: 1_000_000 }, () => Math.floor(Math.random() * 1001));
const timers = new Array(delays.length);
await measure("set_and_clear_timeouts", delays.length, (count) => {
    for (let i = 0; i < count; ++i) timers[i] = setTimeout(() => {}, delays[i]);
    for (let i = 0; i < count; ++i) if (i % 10 !== 0) clearTimeout(timers[i]);
});
for (const timer of timers) clearTimeout(timer);

const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
    parentPort.on("message", (i) => parentPort.postMessage(i + 1));`,
    { eval: true },
);
const offload = (inFlight) => (count) =>
    new Promise((resolve) => {
        let sent = 0;
        let done = 0;
        worker.removeAllListeners("message");
        worker.on("message", () => {
            if (++done === count) resolve();
            else if (sent < count) worker.postMessage(sent++);
        });
        while (sent < inFlight) worker.postMessage(sent++);
    });
await measure("offload_one_at_a_time", 2000, offload(1));
await measure("offload_1024_in_flight", 8192, offload(1024));
await worker.terminate();

async function child(i) {
    await settled;
    return i;
}
await measure("all_of_a_thousand_async_functions", 100_000, async (count) => {
    for (let round = 0; round < count / 1000; ++round) {
        await Promise.all(Array.from({ length: 1000 }, (_, i) => child(i)));
    }
});

const thenChain = async (count) => {
    let settle;
    let last = new Promise((resolve) => (settle = resolve));
    for (let i = 0; i < count; ++i) last = last.then((value) => value + 1);
    settle(0);
    await last;
};
await measure("then_chain/1000", 1000, thenChain);
await measure("then_chain/1000000", 1_000_000, thenChain);

async function* numbers(count) {
    for (let i = 0; i < count; ++i) yield i;
}
await measure("consume_async_generator", 1_000_000, async (count) => {
    for await (const i of numbers(count));
});

async function inner(rejected) {
    return await rejected;
}
async function outer(rejected) {
    return await inner(rejected);
}
const rejected = Promise.reject(new Error("no"));
const catches = 3; // by each of the two functions, and by their caller
await measure("catch_rejection_two_functions_up", 300_000, async (count) => {
    for (let i = 0; i < count / catches; ++i) {
        try {
            await outer(rejected);
        } catch {
            continue;
        }
    }
});

console.log(JSON.stringify({ benchmarks: results }, null, 1));
