// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url_parser.hpp>

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
