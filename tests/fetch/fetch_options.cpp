// SPDX-License-Identifier: MIT
#include "fetch/nginx.hpp"
#include "fetch/recorded.hpp"
#include "fetch/server.hpp"
#include "support/catch.hpp"

#include <cstdlib>

using namespace rondo;
using network::RequestMessage;

TEST_CASE("options come before the first request") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.userAgent = "first"});
    configureFetch({.userAgent = "second"});
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/said")});
    CHECK(exchange.body == "GET|HTTP/1.1|*/*|second|||");
    try {
        configureFetch({.userAgent = "third"});
        FAIL("it must throw");
    } catch (const DOMException& error) {
        CHECK(error.name() == "InvalidStateError");
    }
}

TEST_CASE("options that allow no request are refused and change nothing") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.userAgent = "mine"});
    CHECK_THROWS_AS(configureFetch({.requests = 0}), RangeError);
    CHECK_THROWS_AS(configureFetch({.requestsPerOrigin = 0}), RangeError);
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/said")});
    CHECK(exchange.body == "GET|HTTP/1.1|*/*|mine|||");
}

TEST_CASE("without a name of ours nobody is told one") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.userAgent = ""});
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/said")});
    CHECK(exchange.body == "GET|HTTP/1.1|*/*||||");
}

TEST_CASE("configureFetch needs a loop") { CHECK_THROWS_AS(configureFetch({}), std::logic_error); }

TEST_CASE("cookies are not kept unless the options say so") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    Recorded set;
    exchangeOn(loop, set, {.url = nginx->url("/set-cookie"), .cookies = true});
    CHECK(set.header("set-cookie") == "flavour=vanilla; Path=/");
    Recorded get;
    exchangeOn(loop, get, {.url = nginx->url("/cookie"), .cookies = true});
    CHECK(get.body == "<>");
}

TEST_CASE("cookies are kept and sent for the requests that want them") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    EventLoop loop;
    configureFetch({.cookies = true});
    Recorded unwanted;
    exchangeOn(loop, unwanted, {.url = nginx->url("/set-cookie")});
    Recorded none;
    exchangeOn(loop, none, {.url = nginx->url("/cookie"), .cookies = true});
    CHECK(none.body == "<>");
    Recorded set;
    exchangeOn(loop, set, {.url = nginx->url("/set-cookie"), .cookies = true});
    Recorded get;
    exchangeOn(loop, get, {.url = nginx->url("/cookie"), .cookies = true});
    CHECK(get.body == "<flavour=vanilla>");
    Recorded without;
    exchangeOn(loop, without, {.url = nginx->url("/cookie")});
    CHECK(without.body == "<>");
}

TEST_CASE("a proxy is asked instead of the server") {
    std::string asked;
    Server proxy([&](Connection& connection, int) {
        asked = connection.readHead();
        connection.answer("from the proxy");
    });
    EventLoop loop;
    const std::string url = proxy.url("");
    configureFetch({.proxy = url});
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = "http://somewhere.invalid/path"});
    CHECK(exchange.body == "from the proxy");
    CHECK_THAT(asked, Catch::Matchers::StartsWith(
                          "GET http://somewhere.invalid/path HTTP/1.1\r\nHost: somewhere.invalid\r\n"));
}

TEST_CASE("what a proxy says of a tunnel is not the response") {
    std::string asked;
    Server proxy([&](Connection& connection, int) {
        asked = connection.readHead();
        connection.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope");
    });
    EventLoop loop;
    const std::string url = proxy.url("");
    configureFetch({.proxy = url});
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = "https://somewhere.invalid/path"});
    CHECK_THAT(asked, Catch::Matchers::StartsWith("CONNECT somewhere.invalid:443 HTTP/1.1\r\n"));
    CHECK(exchange.log == "error");
}

TEST_CASE("a proxy that the environment names is not asked") {
    Nginx* nginx = Nginx::find();
    if (!nginx) return;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    EventLoop loop;
    Recorded exchange;
    exchangeOn(loop, exchange, {.url = nginx->url("/hello")});
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    CHECK(exchange.body == "Hello, World!");
}

TEST_CASE("connecting takes no longer than the options say") {
    Server silent([](Connection& connection, int) { connection.awaitEnd(); }); // and so its TLS never begins
    EventLoop loop;
    configureFetch({.connectTimeout = 50});
    Recorded exchange;
    std::string url = silent.url();
    url.replace(0, 4, "https");
    exchangeOn(loop, exchange, {.url = url});
    CHECK(exchange.log == "error");
    CHECK(exchange.code() == CURLE_OPERATION_TIMEDOUT);
}
