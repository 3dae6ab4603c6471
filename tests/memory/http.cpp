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

namespace {

/// What is read from JSON and written as JSON, with something on the heap.
struct Named {
    std::string name;
};
Named fromJson(std::string_view text, JsonType<Named>) { return {std::string(text)}; }
std::string toJson(const Named& named, JsonType<Named>) { return named.name; }

/// Gives the long text in three chunks, one each time that it is asked, and then its end.
ReadableStream<Uint8Array> longTextInChunks(Program& program) {
    return program.attempt([&] {
        return ReadableStream<Uint8Array>(
            UnderlyingByteSource{.pull = [&program, given = std::size_t{0}](auto& controller) mutable {
                const std::string_view text = longText;
                if (given == text.size()) return controller.close();
                const std::string_view part = text.substr(given, text.size() / 3 + 1);
                program.attempt([&] { controller.enqueue(Uint8Array(part)); });
                given += part.size();
            }});
    });
}

}

TEST_CASE("memory may end while a body that is a stream is read") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const auto stream = longTextInChunks(program);
        const auto response = program.attempt([&] { return Response(stream); }, [&] { return !stream.locked(); });
        const auto text = program.attempt([&] { return response.text(); }, [&] { return !response.bodyUsed(); });
        program.follow("text", text);
        co_await text.settled();
    }));
}

TEST_CASE("memory may end while a request takes over a body that is a stream") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const auto stream = longTextInChunks(program);
        const auto first =
            program.attempt([&] { return Request("https://example.com/", {.method = "POST", .body = stream}); },
                            [&] { return !stream.locked(); });
        const auto second = program.attempt([&] { return Request(first, {}); }, [&] { return !first.bodyUsed(); });
        const auto text = program.attempt([&] { return second.text(); }, [&] { return !second.bodyUsed(); });
        program.follow("text", text);
        co_await text.settled();
    }));
}

TEST_CASE("memory may end while JSON is written and read") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const Named named = program.attempt([] { return Named{longText}; });
        const auto response = program.attempt([&] { return Response::json(named, {.statusText = longText}); });
        const auto clone = program.attempt([&] { return response.clone(); }, [&] { return !response.bodyUsed(); });
        const auto read = program.attempt([&] { return response.json<Named>(); });
        program.attempt([&] {
            read.then([&](const Named& value) { program.log("json:", Program::shown(value.name)); },
                      [&](const std::exception_ptr& reason) { program.log("json:", Program::nameOf(reason)); });
        });
        const auto body = program.attempt([&] { return *clone.body(); }, [&] { return !clone.bodyUsed(); });
        const auto reader = program.attempt([&] { return body.getReader(); });
        const auto chunk = program.attempt([&] { return reader.read(); });
        program.attempt([&] {
            chunk.then([&](const auto& step) { program.log(step && step->text() == longText ? "chunk" : "TORN"); },
                       [&](const std::exception_ptr& reason) { program.log("chunk:", Program::nameOf(reason)); });
        });
        co_await read.settled();
        co_await chunk.settled();
    }));
}

TEST_CASE("memory may end while headers and parameters are looked at") {
    forEachFailure(onLoop([](Program& program) {
        const Headers headers = program.attempt([] {
            return Headers({{"A-Name-That-Is-Long-Enough", longText},
                            {"a-name-that-is-long-enough", longText},
                            {"Set-Cookie", longText},
                            {"Set-Cookie", longText}});
        });
        program.log(program.attempt([&] { return headers.get("A-NAME-that-is-long-enough")->size(); }));
        program.log(program.attempt([&] { return headers.getSetCookie().size(); }));
        program.log(program.attempt([&] {
            std::size_t size = 0;
            for (const auto& [name, value] : headers) size += name.size() + value.size();
            return size;
        }));
        const Headers copy = program.attempt([&] { return headers; });
        program.log(copy.has("set-cookie"));

        URLSearchParams params =
            program.attempt([] { return URLSearchParams("a=a value that is long&b=another&a=c"); });
        program.log(program.attempt([&] { return params.getAll("a").size(); }));
        program.log(program.attempt([&] { return params.toString().size(); }));
        program.attempt([&] { params.append("a name that is long", longText); }, [&] { return params.size() == 3; });
        program.attempt([&] { params.set("a", longText); }, [&] { return params.size() == 4; });
        program.attempt([&] { params.sort(); });
        program.log(params.size());
    }));
}

TEST_CASE("memory may end while location is set and what is relative to it is made") {
    forEachFailure(onLoop([](Program& program) {
        program.attempt([] { location.href("https://a.domain.that.is.too.long.to.lie.in.place.example/a/path/"); });
        const auto request = program.attempt([] { return Request("a relative path"); });
        program.log(program.attempt([&] { return request.url().size(); }));
        const auto response = program.attempt([] { return Response::redirect("../elsewhere", 303); });
        program.log(program.attempt([&] { return response.headers().get("Location")->size(); }));
        const auto second = program.attempt([&] { return request.clone(); });
        program.log(program.attempt([&] { return second.method().size(); }));
        program.attempt([] { location.href("https://another.domain.that.is.too.long.to.lie.in.place.example/"); },
                        [] { return location.href().find("another") == std::string::npos; });
        program.log(program.attempt([] { return location.origin().size(); }));
    }));
}

TEST_CASE("memory may end while a body that is a stream is read and cloned") {
    forEachFailure(onLoop([](Program& program) -> Promise<> {
        const auto stream = longTextInChunks(program);
        const auto response = program.attempt([&] { return Response(stream); }, [&] { return !stream.locked(); });
        const auto clone = program.attempt([&] { return response.clone(); }, [&] { return !response.bodyUsed(); });
        const auto text = program.attempt([&] { return response.text(); }, [&] { return !response.bodyUsed(); });
        program.follow("text", text);
        const auto bytes = program.attempt([&] { return clone.bytes(); }, [&] { return !clone.bodyUsed(); });
        program.attempt([&] {
            bytes.then([&](const Uint8Array& all) { program.log(all.text() == longText ? "bytes" : "TORN"); },
                       [&](const std::exception_ptr& reason) { program.log("bytes:", Program::nameOf(reason)); });
        });
        co_await text.settled();
        co_await bytes.settled();
    }));
}
