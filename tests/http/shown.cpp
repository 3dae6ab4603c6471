// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/request.hpp>
#include <rondo/http/response.hpp>
#include <rondo/http/shown.hpp>
#include <rondo/http/url.hpp>

#include <sstream>
#include <string>

using namespace rondo;

namespace {

template <class T>
std::string shown(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

}

TEST_CASE("a text is in quotes that it has not in it") {
    CHECK(http::quoted("a") == "'a'");
    CHECK(http::quoted("it's") == "\"it's\"");
    CHECK(http::quoted("'\"\\") == R"('\'"\\')");
    CHECK(http::quoted("\n\x1f\x7f\u00fc") == "'\\x0A\\x1F\\x7F\u00fc'");
    CHECK(http::asKey("name_1") == "name_1");
    CHECK(http::asKey("Content-Type") == "'Content-Type'");
    CHECK(http::asKey("1a") == "'1a'");
}

TEST_CASE("the objects of http are shown as Node shows them but in one line") {
    CHECK(shown(URL("https://u:p@h:1/a?b=c#d")) ==
          "URL { href: 'https://u:p@h:1/a?b=c#d', origin: 'https://h:1', protocol: 'https:', username: 'u', "
          "password: 'p', host: 'h:1', hostname: 'h', port: '1', pathname: '/a', search: '?b=c', "
          "searchParams: URLSearchParams { 'b' => 'c' }, hash: '#d' }");
    CHECK(shown(URLSearchParams("a=1&b=x y")) == "URLSearchParams { 'a' => '1', 'b' => 'x y' }");
    CHECK(shown(URLSearchParams("")) == "URLSearchParams {}");
    CHECK(shown(Headers({{"b", "1"}, {"A-c", "it's"}})) == "Headers { b: '1', 'A-c': \"it's\" }");
    CHECK(shown(Headers()) == "Headers {}");
    CHECK(shown(Response("x")) == "Response { status: 200, statusText: '', headers: Headers { 'Content-Type': "
                                  "'text/plain;charset=UTF-8' }, bodyUsed: false, ok: true, redirected: false, "
                                  "type: 'default', url: '' }");
    CHECK(shown(Request("https://a/")) ==
          "Request { method: 'GET', url: 'https://a/', headers: Headers {}, credentials: 'same-origin', "
          "cache: 'default', redirect: 'follow', signal: AbortSignal { aborted: false } }");
}
