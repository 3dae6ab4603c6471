// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/counted.hpp"
#include "support/sanitizers.hpp"

#include <rondo/http.hpp>

#if __has_include(<nlohmann/json.hpp>)
#include <rondo/http/nlohmann.hpp>
#endif

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// So much that what is quadratic would not end, and what calls itself would run out of stack. AddressSanitizer is slower,
// and its frames are larger.

using namespace rondo;

namespace {

constexpr std::size_t megabyte = withAddressSanitizer ? 100'000 : 1'000'000;
constexpr int several = withAddressSanitizer ? 500 : 3'000; // which are looked through one by one
constexpr int many = withAddressSanitizer ? 2'000 : 20'000;

std::string repeated(std::string_view text, std::size_t bytes) {
    std::string all;
    all.reserve(bytes + text.size());
    while (all.size() < bytes) all += text;
    return all;
}

}

TEST_CASE("each part of a URL may be a megabyte long and is what it was written as") {
    const std::string word = repeated("abcdefgh", megabyte);
    const URL url("https://" + word + ":" + word + "@host.example/" + word + "?" + word + "#" + word);
    CHECK(url.username() == word);
    CHECK(url.password() == word);
    CHECK(url.pathname() == "/" + word);
    CHECK(url.search() == "?" + word);
    CHECK(url.hash() == "#" + word);
    CHECK(URL(url.href()).href() == url.href());
    CHECK(URL("https://" + word + "/").hostname() == word);
    CHECK(URL(word + ":" + word).protocol() == word + ":");
    CHECK(URL("data:" + word).pathname() == word);

    URL changed("https://example.com/");
    changed.pathname(word);
    changed.search(word);
    changed.hash(word);
    changed.username(word);
    changed.password(word);
    changed.hostname(word);
    CHECK(changed.href() == "https://" + word + ":" + word + "@" + word + "/" + word + "?" + word + "#" + word);
}

TEST_CASE("a URL of a megabyte of what is encoded or left out or refused ends soon") {
    CHECK(URL("https://a/" + repeated(" ", megabyte) + "b").pathname().size() == 3 * megabyte + 2);
    CHECK(URL("https://a/" + repeated("\n", megabyte) + "b").pathname() == "/b");
    CHECK(URL("https://a/" + repeated("../", megabyte)).pathname() == "/");
    CHECK(URL("https://a/" + repeated("a/../", megabyte)).pathname() == "/");
    CHECK(URL("https://a/" + repeated("%2e%2E/", megabyte)).pathname() == "/");
    CHECK(URL("https:" + repeated("/", megabyte) + "host").pathname() == "/");
    CHECK(URL("https://" + repeated("a@", megabyte) + "host/").hostname() == "host");
    CHECK_THROWS_AS(URL("https://" + repeated("%", megabyte)), TypeError);
    CHECK_THROWS_AS(URL("https://[" + repeated("1:", megabyte) + "]/"), TypeError);
    CHECK_THROWS_AS(URL("https://" + repeated("1.", megabyte)), TypeError);
    CHECK_THROWS_AS(URL("https://a:" + repeated("9", megabyte)), TypeError);
    CHECK(URL("https://a:" + repeated("0", megabyte) + "81/").port() == "81");
    CHECK_THROWS_AS(URL(repeated("a", megabyte)), TypeError);
}

TEST_CASE("a query has many parameters and they are found and changed and sorted") {
    std::string query;
    for (int i = many; i > 0; --i) query += "name" + std::to_string(i) + "=" + std::to_string(i) + "&";
    URLSearchParams params(query);
    CHECK(params.size() == static_cast<std::size_t>(many));
    CHECK(params.get("name1") == "1");
    params.sort();
    CHECK(params.toString().starts_with("name1=1&name10=10&"));
    for (int i = 0; i < many; ++i) params.append("same", "x");
    CHECK(params.getAll("same").size() == static_cast<std::size_t>(many));
    params.set("same", "one");
    params.delete_("name1");
    CHECK(params.size() == static_cast<std::size_t>(many));

    URL url("https://a/?" + query);
    CHECK(url.searchParams().size() == static_cast<std::size_t>(many));
    for (int i = 0; i < 10; ++i) url.searchParams().append("more", std::to_string(i));
    CHECK(url.search().ends_with("&more=8&more=9"));
}

TEST_CASE("headers are many and long and have many values") {
    Headers headers;
    for (int i = 0; i < several; ++i) headers.append("X-Name-" + std::to_string(i), std::to_string(i));
    CHECK(headers.get("x-name-7") == "7");
    int count = 0;
    for (const auto& [name, value] : headers) count += static_cast<int>(name.starts_with("x-name-") && !value.empty());
    CHECK(count == several);

    for (int i = 0; i < several; ++i) headers.append("X-Same", "value");
    CHECK(headers.get("X-Same")->size() == static_cast<std::size_t>(several) * 7 - 2);
    for (int i = 0; i < several; ++i) headers.append("Set-Cookie", "a=" + std::to_string(i));
    CHECK(headers.getSetCookie().size() == static_cast<std::size_t>(several));
    headers.delete_("Set-Cookie");
    headers.set("X-Long", repeated("long ", megabyte));
    CHECK(headers.get("x-long")->size() == repeated("long ", megabyte).size() - 1); // white space at the end goes
    CHECK_THROWS_AS(headers.append(repeated("name", megabyte) + " ", "value"), TypeError);
    const Headers copy(headers);
    CHECK(copy.has("X-Name-" + std::to_string(several - 1)));
}

TEST_CASE("a body is cloned many times and each clone is read") {
    CountingSource source;
    {
        EventLoop loop({.virtualTime = true});
        std::size_t read = 0;
        loop.run([&] {
            const ReadableStream<Uint8Array> stream(
                UnderlyingByteSource{.pull = [left = 3](ReadableByteStreamController& controller) mutable {
                    if (left-- == 0) return controller.close();
                    controller.enqueue(Uint8Array("chunk"));
                }});
            const Response response(stream);
            for (int i = 0; i < many / 20; ++i) {
                response.clone().text().then([&](const std::string& text) { read += text.size(); });
            }
            response.text().then([&](const std::string& text) { read += text.size(); });
        });
        CHECK(read == static_cast<std::size_t>(many / 20 + 1) * 15);
    }
    CHECK(source.balance() == 0);
}

TEST_CASE("a body of many chunks of one byte is read as text and as bytes") {
    EventLoop loop({.virtualTime = true});
    const auto body = [] {
        return ReadableStream<Uint8Array>(
            UnderlyingByteSource{.pull = [left = many](ReadableByteStreamController& controller) mutable {
                if (left-- == 0) return controller.close();
                controller.enqueue(Uint8Array("x"));
            }});
    };
    CHECK(loop.runUntilSettled([&] { return Response(body()).text(); }).size() == static_cast<std::size_t>(many));
    CHECK(loop.runUntilSettled([&] { return Response(body()).bytes(); }).size() == static_cast<std::size_t>(many));
}

#if __has_include(<nlohmann/json.hpp>)

TEST_CASE("JSON that is nested a hundred thousand deep is read and refused without growing the stack") {
    EventLoop loop({.virtualTime = true});
    const std::size_t deep = 100'000;
    const std::string open(deep, '[');
    const auto read = [&](const std::string& text) {
        return loop.runUntilSettled([&] { return Response(text).json<nlohmann::json>(); });
    };
    CHECK(read(open + std::string(deep, ']')).is_array());
    CHECK_THROWS_AS(read(open), DOMException);
}

#endif

TEST_CASE("a body that has been used refuses each further use and says so each time") {
    EventLoop loop({.virtualTime = true});
    int refused = 0;
    loop.run([&] {
        const Response response("text");
        response.text();
        for (int i = 0; i < many; ++i) {
            response.text().catch_([&](const TypeError&) {
                ++refused;
                return std::string();
            });
            try {
                response.clone();
            } catch (const TypeError&) {
                ++refused;
            }
        }
        CHECK(response.body()->locked());
    });
    CHECK(refused == 2 * many);
}
