// node.mjs WHAT URL: what fetch.cpp does, with Node's `fetch`. Prints how many seconds an operation took.

const [what, url] = process.argv.slice(2);

async function request() {
    const response = await fetch(url);
    await response.text();
}
async function requests(count) {
    for (let i = 0; i < count; ++i) await request();
}
async function download() {
    const response = await fetch(url);
    let received = 0;
    for await (const bytes of response.body) received += bytes.length;
}
const all = (each) => Promise.all(Array.from({ length: 256 }, () => requests(each)));

const [operations, round] = {
    sequential: [3000, () => requests(3000)],
    concurrent: [256 * 40, () => all(40)],
    download: [1, () => download()],
}[what];

if (what != "download") await (what == "sequential" ? requests(300) : all(4));
const began = performance.now();
await round();
console.log((performance.now() - began) / 1000 / operations);
process.exit(0);
