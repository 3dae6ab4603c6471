// compiles
// SPDX-License-Identifier: MIT

// The options of a request and a response, in each of the ways that they may be written, and inside of co_await.

#include <rondo/http.hpp>

#include <map>
#include <string>
#include <vector>

using namespace std;
using namespace rondo;

/// As `fetch` does it: no coroutine, for it copies what it needs before it returns.
Promise<Response> answer(const Request& request) { return Promise<>::resolve(Response(request.url())); }
Promise<Response> answer(string_view url, const RequestInit& init = {}) { return answer(Request(url, init)); }

Promise<> everything(ReadableStream<Uint8Array> stream, AbortSignal signal, string text) {
    const Headers headers({{"Accept", "text/plain"}, {"X-A", "b"}});
    const Headers ofMap(map<string, string>{{"a", "b"}});
    const URLSearchParams params({{"a", "b"}});
    const Request plain("https://example.com");
    const Request post("https://example.com", {.method = "POST", .headers = {{"A", "b"}}, .body = "text"});
    const Request put(URL("https://example.com"), {.method = "PUT", .headers = headers, .body = std::move(text)});
    const Request form("https://example.com", {.method = "POST", .body = params, .signal = signal});
    const Request streaming("https://example.com", {.method = "POST", .body = stream});
    const Request bytes("https://example.com", {.method = "POST", .body = Uint8Array(3)});
    const Request vectors("https://example.com", {.method = "POST", .body = vector<uint8_t>(3)});
    const Request again(post, {.redirect = RequestRedirect::manual});
    const Response response("text", {.status = 201, .statusText = "Made", .headers = {{"A", "b"}}});
    const Response none(nullptr, {.status = 204});

    auto first = co_await answer("https://example.com", {.method = "DELETE"});
    auto second = co_await answer("https://example.com", {.method = "POST", .headers = headers, .body = "text"});
    auto third = co_await answer("https://example.com", {.body = params, .signal = signal});
    const string body = co_await (co_await answer(plain)).text();
    for (const auto& [name, value] : first.headers()) first.headers().set(name, value + body);
    for (const auto& [name, value] : second.clone().headers()) third.headers().append(name, value);
    co_await third.body()->cancel();
}
