// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <rondo/http.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using namespace rondo;

// What is attacked here, in the order of the headers: http/url.hpp, url_search_params.hpp, headers.hpp, request.hpp and
// response.hpp with body.hpp.

namespace {

/// What a program sees of a URL, in memory of the test's own.
std::string seen(const URL& url) {
    const heap::OwnMemory own;
    std::string text = url.record().serialize();
    for (const auto& [name, value] : url.searchParams()) text += " " + name + "=" + value;
    return text;
}

std::string seen(const Headers& headers) {
    const heap::OwnMemory own;
    std::string text;
    for (const auto& [name, value] : headers) text += name + "=" + value + " ";
    return text;
}

/// Makes a call that changes something, which must not change unless it succeeds.
template <class T, class Call>
void changes(Program& program, T& subject, Call call) {
    const auto before = [&] {
        const heap::OwnMemory own;
        return std::make_unique<std::string>(seen(subject));
    }();
    program.attempt(call, [&] {
        const heap::OwnMemory own;
        return seen(subject) == *before;
    });
    const heap::OwnMemory own;
    std::string after = seen(subject);
    for (char& c : after) c = c == ' ' ? '_' : c;
    program.log(after);
}

const char* const longUrl =
    "https://user:password@a.domain.that.is.too.long.to.lie.in.place.example/a/long/path/of/some/"
    "segments?name=value&another=value%20that%20is%20long#a fragment that is long, too";

}

TEST_CASE("memory may end while a URL is read and changed") {
    forEachFailure(onLoop([](Program& program) {
        URL url = program.attempt([] { return URL(longUrl); });
        program.attempt([&] { url.searchParams(); });
        changes(program, url, [&] { url.protocol("http"); });
        changes(program, url, [&] { url.username("another user whose name is long"); });
        changes(program, url, [&] { url.password("another password that is long"); });
        changes(program, url, [&] { url.host("another.domain.that.is.too.long.to.lie.in.place:8080"); });
        changes(program, url, [&] { url.hostname("[2001:db8:1111:2222:3333:4444:5555:6666]"); });
        changes(program, url, [&] { url.port("81"); });
    }));
}

TEST_CASE("memory may end while the end of a URL is changed") {
    forEachFailure(onLoop([](Program& program) {
        URL url = program.attempt([] { return URL(longUrl); });
        program.attempt([&] { url.searchParams(); });
        changes(program, url, [&] { url.pathname("another path/that is/too long"); });
        changes(program, url, [&] { url.search("?a query=that is long&and=has two parameters"); });
        changes(program, url, [&] { url.hash("another fragment that is long"); });
        changes(program, url, [&] { url.searchParams().append("a name that is long", "a value that is long"); });
        changes(program, url, [&] { url.searchParams().set("a name that is long", "another value that is long"); });
        changes(program, url, [&] { url.searchParams().sort(); });
        changes(program, url, [&] { url.searchParams().delete_("a name that is long"); });
        changes(program, url, [&] {
            try {
                url.href("../relative");
            } catch (const TypeError&) { // it is refused
            }
        });
    }));
}

TEST_CASE("memory may end while headers are changed") {
    forEachFailure(onLoop([](Program& program) {
        Headers headers = program.attempt([] { return Headers({{"A-Name-That-Is-Long-Enough", longText}}); });
        changes(program, headers, [&] { headers.append("A-Name-That-Is-Long-Enough", longText); });
        changes(program, headers, [&] { headers.append("Another-Name-That-Is-Long", longText); });
        changes(program, headers, [&] { headers.set("A-Name-That-Is-Long-Enough", longText); });
        changes(program, headers, [&] { headers.delete_("Another-Name-That-Is-Long"); });
    }));
}

TEST_CASE("memory may end while bodies are made and read") {
    forEachFailure(onLoop([](Program& program) {
        std::string text = program.attempt([] { return std::string(longText); });
        const auto request = program.attempt([&] {
            return Request("https://a.domain.that.is.too.long.to.lie.in.place.example",
                           {.method = "POST", .body = std::move(text)});
        });
        const auto second = program.attempt([&] { return Request(request, {.method = "PUT"}); });
        const auto copy = program.attempt([&] { return second.clone(); });
        program.follow("text", program.attempt([&] { return second.text(); }));
        program.attempt([&] { copy.body(); });
        const auto third = program.attempt([&] { return Request(copy, {}); });
        program.follow("taken", program.attempt([&] { return third.text(); }));

        const auto response = program.attempt([] { return Response(longText, {.statusText = longText}); });
        const auto clone = program.attempt([&] { return response.clone(); });
        program.attempt([&] { response.body(); });
        program.follow("first", program.attempt([&] { return response.text(); }));
        program.follow("second", program.attempt([&] { return clone.text(); }));
    }));
}
