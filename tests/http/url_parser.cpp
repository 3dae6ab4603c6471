// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

using namespace rondo;

namespace {

http::UrlFault fault(std::string_view text, const http::UrlRecord* base = nullptr) {
    http::UrlFault found = http::UrlFault::none;
    CHECK_FALSE(http::parseUrl(text, base, found));
    return found;
}

}

TEST_CASE("the parser says why it fails") {
    CHECK(fault("example") == http::UrlFault::noBase);
    CHECK(fault("") == http::UrlFault::noBase);
    CHECK(fault("https://ex ample.org/") == http::UrlFault::host);
    CHECK(fault("https://#fragment") == http::UrlFault::noHost);
    CHECK(fault("https://:443") == http::UrlFault::noHost);
    CHECK(fault("https://user:pass@") == http::UrlFault::noHost);
    CHECK(fault("https://example.org:70000") == http::UrlFault::port);
    CHECK(fault("https://example.org:7z") == http::UrlFault::port);
    CHECK(fault("https://[::1") == http::UrlFault::ipv6);
    CHECK(fault("https://1.2.3.4.5") == http::UrlFault::ipv4);
    CHECK(fault("https://\u2603/") == http::UrlFault::domain);
    http::UrlFault none = http::UrlFault::none;
    const auto base = http::parseUrl("mailto:user@example.org", nullptr, none);
    CHECK(fault("relative", &*base) == http::UrlFault::noBase);
}

TEST_CASE("a part that is changed leaves the parts that it is not about") {
    http::UrlFault none = http::UrlFault::none;
    auto url = http::parseUrl("http://user@host:8080/path?query#fragment", nullptr, none);
    REQUIRE(url);
    http::changeUrl(*url, "other:99/x", http::UrlState::host);
    CHECK(url->serialize() == "http://user@other:99/path?query#fragment");
    http::changeUrl(*url, "third:1", http::UrlState::hostname);
    CHECK(url->serialize() == "http://user@other:99/path?query#fragment");
    http::changeUrl(*url, "", http::UrlState::host);
    CHECK(url->serialize() == "http://user@other:99/path?query#fragment");
}

TEST_CASE("a long text is parsed in time that grows with its length") {
    http::UrlFault none = http::UrlFault::none;
    std::string text = "http://h";
    for (int i = 0; i < 200'000; ++i) text += "/../a/./%2e%2E/b";
    const auto url = http::parseUrl(text, nullptr, none);
    REQUIRE(url);
    CHECK(url->path == "/b");
}

TEST_CASE("what a URL is written as is read as the same URL") {
    // by chance, but the same every time
    static constexpr std::string_view pieces[] = {
        "http:", "https:", "file:", "foo:", "data:",     "//",   "/",      "\\",  "?",   "#",   "@",
        ":",     ".",      "..",    "%2e",  "%2E.",      "%",    "%41",    "a",   "B.c", "1.2", "0x7f",
        "256",   "[::1]",  "[",     "]",    "C:",        "c|",   " ",      "\t",  "\n",  "\"",  "<",
        "`",     "{",      "^",     "é",    ":80",       ":443", ":99999", "'",   "&",   "=",   "+",
        "\x7f",  "\x01",   "-",     "~",    "localhost", "\xff", "|",      "xn--"};
    std::uint64_t state = 88172645463325252ull;
    const auto below = [&](std::size_t count) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<std::size_t>(state % count);
    };
    http::UrlFault fault = http::UrlFault::none;
    const auto http = http::parseUrl("http://u:p@base:8080/a/b?c#d", nullptr, fault);
    const auto file = http::parseUrl("file:///C:/a/b", nullptr, fault);
    const auto other = http::parseUrl("foo:/a/b", nullptr, fault);
    const auto opaque = http::parseUrl("foo:a b ?c", nullptr, fault);
    const http::UrlRecord* const bases[] = {nullptr, &*http, &*file, &*other, &*opaque};
    int urls = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t count = below(9) + 1; count > 0; --count) text += pieces[below(std::size(pieces))];
        auto url = http::parseUrl(text, bases[below(std::size(bases))], fault);
        if (!url) continue;
        ++urls;
        for (int change = 0; change < 2; ++change) {
            const std::string href = url->serialize();
            const auto again = http::parseUrl(href, nullptr, fault);
            if (!again || *again != *url || again->serialize() != href) FAIL_CHECK(text << " gave " << href);
            const auto part =
                static_cast<http::UrlState>(below(static_cast<std::size_t>(http::UrlState::fragment) + 1));
            if (url->pathIsOpaque) break;
            if (part == http::UrlState::host || part == http::UrlState::hostname ||
                part == http::UrlState::schemeStart) {
                http::changeUrl(*url, pieces[below(std::size(pieces))], part);
            } else if (!url->cannotHaveCredentialsOrPort()) {
                http::changeUrl(*url, pieces[below(std::size(pieces))], http::UrlState::port);
            }
        }
    }
    CHECK(urls > 5'000);
}
