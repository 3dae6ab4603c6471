#include <rondo/fetch.hpp>
#include <rondo/rondo.hpp>

#include <string>

using namespace rondo;

Promise<std::string> load(std::string url) {
    const AbortSignal limit = AbortSignal::timeout(10'000);
    const Response response = co_await fetch(url, {.signal = limit});
    if (!response.ok()) throw Error("the server answers " + std::to_string(response.status()));
    co_return co_await response.text();
}

Promise<int> save(std::string url, std::string json) {
    const Headers headers{{"Content-Type", "application/json"}};
    const Response response = co_await fetch(url, {.method = "POST", .headers = headers, .body = json});
    co_return response.status();
}

Promise<> main_() {
    try {
        console.log(co_await load("http://127.0.0.1:1/")); // Nobody is there.
    } catch (const TypeError& error) {
        if (error.cause()) console.log("The answer is", 42);
    }
    co_await save("http://127.0.0.1:1/", "{}").catch_([](const TypeError&) { return 0; });
}

int main() { return run(main_); }
