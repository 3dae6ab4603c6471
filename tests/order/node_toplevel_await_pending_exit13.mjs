// ESM: unsettled top-level await -> exit code 13
console.log('before');
await new Promise(() => {});
console.log('never');
