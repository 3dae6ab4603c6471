// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/host_parser.hpp>

#include <string>
#include <string_view>

using namespace rondo;

namespace {

std::string host(std::string_view input, bool isOpaque = false) {
    http::UrlFault fault = http::UrlFault::none;
    return http::parseHost(input, isOpaque, fault).value_or("failure " + std::to_string(static_cast<int>(fault)));
}
std::string failure(http::UrlFault fault) { return "failure " + std::to_string(static_cast<int>(fault)); }

}

TEST_CASE("a domain is percent-decoded and lower case") {
    CHECK(host("EXAMPLE.COM") == "example.com");
    CHECK(host("example%2Ecom") == "example.com");
    CHECK(host("xn--FA-hia.example") == "xn--fa-hia.example");
    CHECK(host("ex ample") == failure(http::UrlFault::host));
    CHECK(host("%00") == failure(http::UrlFault::host));
}

TEST_CASE("a domain that is not ASCII is refused for that") {
    CHECK(host("fa\u00df.example") == failure(http::UrlFault::domain));
    CHECK(host("%ef%bc%85") == failure(http::UrlFault::domain));
    CHECK(host("<\u0338") == failure(http::UrlFault::domain));
}

TEST_CASE("an opaque host is taken as it is and percent-encoded") {
    CHECK(host("EXAMPLE.COM", true) == "EXAMPLE.COM");
    CHECK(host("fa\u00df", true) == "fa%C3%9F");
    CHECK(host("0", true) == "0");
    CHECK(host("a b", true) == failure(http::UrlFault::host));
}

TEST_CASE("what ends in a number is an IPv4 address or nothing") {
    CHECK(host("0") == "0.0.0.0");
    CHECK(host("0x") == "0.0.0.0");
    CHECK(host("0xffffffff") == "255.255.255.255");
    CHECK(host("127.1") == "127.0.0.1");
    CHECK(host("192.168.257.") == "192.168.1.1");
    CHECK(host("010.1.2.3") == "8.1.2.3");
    for (const char* none : {"09", "256.1.1.1", "1.2.3.4.5", "example.255", "4294967296", "1..2", "0xg.1", "1.2.3.256",
                             "99999999999999999999999999"}) {
        INFO(none);
        CHECK(host(none) == failure(http::UrlFault::ipv4));
    }
}

TEST_CASE("an IPv6 address is written with its longest run of zeros left out") {
    CHECK(host("[0:0::1]") == "[::1]");
    CHECK(host("[::]") == "[::]");
    CHECK(host("[1:0:0:2:0:0:0:3]") == "[1:0:0:2::3]");
    CHECK(host("[1:0:0:2:3:0:0:4]") == "[1::2:3:0:0:4]");
    CHECK(host("[1:2:3:4:5:6:7:8]") == "[1:2:3:4:5:6:7:8]");
    CHECK(host("[1:2:3:4:5:6:7::]") == "[1:2:3:4:5:6:7:0]");
    CHECK(host("[0:f:0:0:f:f:0:0]") == "[0:f::f:f:0:0]");
    CHECK(host("[::ABCD:127.0.0.1]") == "[::abcd:7f00:1]");
    CHECK(host("[ffff::127.0.0.1]", true) == "[ffff::7f00:1]");
}

TEST_CASE("what is in brackets and no IPv6 address is refused") {
    for (const char* none : {"[::1", "[]", "[:1]", "[1:2:3]", "[1:2:3:4:5:6:7:8:9]", "[1::1::1]", "[1:2:3!:4]",
                             "[1:2:3:]", "[::1%eth0]", "[12345::]", "[1:1:1:1:1:1:1:127.0.0.1]", "[ffff::.0.0.1]",
                             "[ffff::127.0.xyz.1]", "[ffff::127.00.0.1]", "[ffff::127.0.0.1.2]", "[ffff::127.0.0.4000]",
                             "[ffff::127.0.0]", "[ffff::127.0.0.]", "[1:2:3:4:5:6:7:8::]"}) {
        INFO(none);
        CHECK(host(none) == failure(http::UrlFault::ipv6));
    }
}
