// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url.hpp>

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

/// wpt_url.tsv: a case a line. The first field says what kind of case it is, "-" is null, and "\xhh" a byte.
///
///     parses  input  base  href origin protocol username password hostname port pathname search hash [searchParams]
///     fails   input  base  [with which base it does parse]
///     sets    part  href  value  {part  what it is then}
///     domain  input  [what it is in a URL]
///     query   input  what it is in a URL
///     form    query  {name  value}
using Case = std::vector<std::optional<std::string>>;

std::optional<std::string> field(std::string_view text) {
    if (text == "-") return std::nullopt;
    std::string value;
    for (; !text.empty(); text.remove_prefix(1)) {
        if (text.starts_with("\\x")) {
            value += static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16));
            text.remove_prefix(3);
        } else {
            if (text.starts_with("\\\\")) text.remove_prefix(1);
            value += text[0];
        }
    }
    return value;
}

std::vector<Case> casesOf(std::string_view kind) {
    std::ifstream file(RONDO_WPT_URL);
    REQUIRE(file);
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);) {
        Case fields;
        std::string_view rest = line;
        for (;;) {
            const std::size_t tab = rest.find('\t');
            fields.push_back(field(rest.substr(0, tab)));
            if (tab == std::string_view::npos) break;
            rest.remove_prefix(tab + 1);
        }
        if (fields[0] == kind) cases.push_back(std::move(fields));
    }
    return cases;
}

std::string shown(const Case& fields) {
    std::string text;
    for (const auto& value : fields) text += (value ? '"' + *value + '"' : "null") + ' ';
    return text;
}

std::string part(const URL& url, std::string_view name) {
    if (name == "href") return url.href();
    if (name == "origin") return url.origin();
    if (name == "protocol") return url.protocol();
    if (name == "username") return url.username();
    if (name == "password") return url.password();
    if (name == "host") return url.host();
    if (name == "hostname") return url.hostname();
    if (name == "port") return url.port();
    if (name == "pathname") return url.pathname();
    if (name == "search") return url.search();
    if (name == "hash") return url.hash();
    FAIL("there is no part of this name: " << name);
    return {};
}

void setPart(URL& url, std::string_view name, const std::string& value) {
    if (name == "href") return url.href(value);
    if (name == "protocol") return url.protocol(value);
    if (name == "username") return url.username(value);
    if (name == "password") return url.password(value);
    if (name == "host") return url.host(value);
    if (name == "hostname") return url.hostname(value);
    if (name == "port") return url.port(value);
    if (name == "pathname") return url.pathname(value);
    if (name == "search") return url.search(value);
    if (name == "hash") return url.hash(value);
    FAIL("there is no part of this name: " << name);
}

std::optional<URL> parse(const std::string& url, const std::optional<std::string>& base) {
    return base ? URL::parse(url, *base) : URL::parse(url);
}

/// Whether a URL is refused for its domain, which is not ASCII: what becomes of that takes the tables of Unicode.
bool hasForeignDomain(const std::string& url, const std::optional<std::string>& base) {
    try {
        base ? URL(url, *base) : URL(url);
    } catch (const TypeError& error) {
        return std::string(error.message()).find("write it as its xn-- form") != std::string::npos;
    }
    return false;
}

}

TEST_CASE("url/url-constructor: a URL is parsed into its parts") {
    int foreign = 0;
    int parsed = 0;
    for (const Case& c : casesOf("parses")) {
        INFO(shown(c));
        if (hasForeignDomain(*c[1], c[2])) {
            ++foreign;
            continue;
        }
        const auto url = parse(*c[1], c[2]);
        REQUIRE(url);
        CHECK(url->href() == c[3]);
        CHECK(url->protocol() == c[5]);
        CHECK(url->username() == c[6]);
        CHECK(url->password() == c[7]);
        CHECK(url->hostname() == c[8]);
        CHECK(url->port() == c[9]);
        CHECK(url->host() == *c[8] + (c[9]->empty() ? "" : ":" + *c[9]));
        CHECK(url->pathname() == c[10]);
        CHECK(url->search() == c[11]);
        CHECK(url->hash() == c[12]);
        if (c[13]) CHECK(url->searchParams().toString() == c[13]);
        CHECK(URL(url->href()).href() == url->href());
        ++parsed;
    }
    CHECK(parsed + foreign == 625);
    CHECK(foreign == 13);
}

TEST_CASE("url/url-constructor: what is no URL is refused with a TypeError") {
    const auto cases = casesOf("fails");
    CHECK(cases.size() == 267);
    for (const Case& c : cases) {
        INFO(shown(c));
        if (c[2]) {
            CHECK_THROWS_AS(URL(*c[1], *c[2]), TypeError);
        } else {
            CHECK_THROWS_AS(URL(*c[1]), TypeError);
        }
    }
}

TEST_CASE("url/failure: what is no URL is no base and cannot be an href") {
    for (const Case& c : casesOf("fails")) {
        if (c[2]) continue;
        INFO(shown(c));
        CHECK_THROWS_AS(URL("about:blank", *c[1]), TypeError);
        URL url("http://example.com/a?b#c");
        CHECK_THROWS_AS(url.href(*c[1]), TypeError);
        CHECK(url.href() == "http://example.com/a?b#c");
    }
}

TEST_CASE("url/url-origin: the origin is the scheme and the host and the port") {
    for (const Case& c : casesOf("parses")) {
        if (!c[4] || hasForeignDomain(*c[1], c[2])) continue;
        INFO(shown(c));
        CHECK(parse(*c[1], c[2])->origin() == c[4]);
    }
}

TEST_CASE("url/url-setters: a part that is set changes the others that depend on it") {
    int foreign = 0;
    int set = 0;
    for (const Case& c : casesOf("sets")) {
        INFO(shown(c));
        const bool isHost = c[1] == "host" || c[1] == "hostname";
        if (isHost && c[5] != c[2] && hasForeignDomain("https://" + *c[3], std::nullopt) &&
            URL(*c[2]).origin() != "null") {
            ++foreign;
            continue;
        }
        URL url(*c[2]);
        if (c[1] == "href") {
            try {
                url.href(*c[3]);
            } catch (const TypeError&) { // and nothing has changed
            }
        } else {
            setPart(url, *c[1], *c[3]);
        }
        for (std::size_t i = 4; i + 1 < c.size(); i += 2) {
            INFO(*c[i]);
            CHECK(part(url, *c[i]) == c[i + 1]);
        }
        ++set;
    }
    CHECK(set + foreign == 278);
    CHECK(foreign == 3);
}

TEST_CASE("url/toascii: a domain is lower case and the forbidden characters are refused") {
    int foreign = 0;
    int ascii = 0;
    for (const Case& c : casesOf("domain")) {
        INFO(shown(c));
        const std::string text = "https://" + *c[1] + "/x";
        if (hasForeignDomain(text, std::nullopt)) {
            ++foreign;
            continue;
        }
        const auto url = URL::parse(text);
        CHECK(url.has_value() == (c.size() > 2 && c[2].has_value()));
        if (url) {
            CHECK(url->host() == c[2]);
            CHECK(url->hostname() == c[2]);
            CHECK(url->pathname() == "/x");
            CHECK(url->href() == "https://" + *c[2] + "/x");
        }
        ++ascii;
    }
    CHECK(ascii == 24);
    CHECK(foreign == 63);
}

TEST_CASE("url/percent-encoding: a query is percent-encoded as UTF-8") {
    const auto cases = casesOf("query");
    CHECK(cases.size() == 7);
    for (const Case& c : cases) {
        INFO(shown(c));
        const URL url("https://example.com/?" + *c[1] + "#" + *c[1]);
        CHECK(url.search() == "?" + *c[2]);
        CHECK(url.hash() == "#" + *c[2]);
    }
}

TEST_CASE("url/urlencoded-parser: a query is parsed into names and values") {
    const auto cases = casesOf("form");
    CHECK(cases.size() == 35);
    for (const Case& c : cases) {
        INFO(shown(c));
        std::vector<std::pair<std::string, std::string>> expected;
        for (std::size_t i = 2; i + 1 < c.size(); i += 2) expected.emplace_back(*c[i], *c[i + 1]);
        std::vector<std::pair<std::string, std::string>> got;
        for (const auto& pair : URLSearchParams(*c[1])) got.push_back(pair);
        CHECK(got == expected);
    }
}
