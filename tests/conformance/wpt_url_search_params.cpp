// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <rondo/http/url.hpp>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace rondo;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairsOf(const URLSearchParams& params) {
    Pairs pairs;
    for (auto pair : params) pairs.push_back(std::move(pair));
    return pairs;
}

std::string serialized(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
    URLSearchParams params;
    for (const auto& [name, value] : pairs) params.append(name, value);
    return params.toString();
}

}

TEST_CASE("url/url-searchparams: the parameters and the query of a URL follow each other") {
    URL url("http://example.org/file?a=b&c=d");
    URLSearchParams& params = url.searchParams();
    CHECK(&url.searchParams() == &params);
    CHECK(params.toString() == "a=b&c=d");
    for (const char* query : {"e=f&g=h", "?e=f&g=h"}) {
        url.search(query);
        CHECK(url.search() == "?e=f&g=h");
        CHECK(params.toString() == "e=f&g=h");
    }
    params.append("i", " j ");
    CHECK(url.search() == "?e=f&g=h&i=+j+");
    CHECK(params.get("i") == " j ");
    params.set("e", "updated");
    CHECK(url.search() == "?e=updated&g=h&i=+j+");
    url.search("");
    CHECK(url.search().empty());
    CHECK(params.toString().empty());

    URL other("http://example.org/file??a=b&c=d");
    CHECK(other.search() == "??a=b&c=d");
    CHECK(other.searchParams().toString() == "%3Fa=b&c=d");
    other.href("http://example.org/file??a=b");
    CHECK(other.search() == "??a=b");
    CHECK(other.searchParams().toString() == "%3Fa=b");
}

TEST_CASE("url/urlsearchparams-constructor: parameters are made of a text") {
    CHECK(URLSearchParams().toString().empty());
    CHECK(URLSearchParams("").toString().empty());
    CHECK(URLSearchParams("?a=b").toString() == "a=b");
    const URLSearchParams params("&a&&& &&&&&a+b=& c&m%c3%b8%c3%b8");
    CHECK(params.has("a"));
    CHECK(params.has("a b"));
    CHECK(params.has(" "));
    CHECK_FALSE(params.has("c"));
    CHECK(params.has(" c"));
    CHECK(params.has("m\u00f8\u00f8"));
    const std::string_view zero("b\0c", 3);
    CHECK(URLSearchParams(std::string_view("a=b\0c", 5)).get("a") == zero);
    CHECK(URLSearchParams("a=b%00c").get("a") == zero);
    CHECK(URLSearchParams("b%00c=a").get(zero) == "a");
    for (const char* query : {"a=b\u2384", "a=b%e2%8e%84"}) CHECK(URLSearchParams(query).get("a") == "b\u2384");
    for (const char* query : {"a\U0001f4a9b=c", "a%f0%9f%92%a9b=c"}) {
        CHECK(URLSearchParams(query).get("a\U0001f4a9b") == "c");
    }
}

TEST_CASE("url/urlsearchparams-constructor: a plus and a space and what stands for them are told apart") {
    for (const char* query : {"a=b+c", "a=b c", "a=b%20c"}) CHECK(URLSearchParams(query).get("a") == "b c");
    for (const char* query : {"a+b=c", "a b=c", "a%20b=c"}) CHECK(URLSearchParams(query).get("a b") == "c");
    URLSearchParams params;
    params.set("query", "+15555555555");
    CHECK(params.toString() == "query=%2B15555555555");
    CHECK(URLSearchParams(params.toString()).get("query") == "+15555555555");
}

TEST_CASE("url/urlsearchparams-constructor: a copy does not follow the original") {
    URLSearchParams seed("a=b&c=d");
    URLSearchParams params(seed);
    CHECK(params.get("a") == "b");
    CHECK(params.get("c") == "d");
    seed.append("e", "f");
    CHECK_FALSE(params.has("e"));
    params.append("g", "h");
    CHECK_FALSE(seed.has("g"));
}

TEST_CASE("url/urlsearchparams-constructor: parameters are made of pairs in their order") {
    CHECK(pairsOf(URLSearchParams({{"c", "x"}, {"a", "?"}})) == Pairs{{"c", "x"}, {"a", "?"}});
    CHECK(pairsOf(URLSearchParams({{"+", "%C2"}})) == Pairs{{"+", "%C2"}});
    CHECK(pairsOf(URLSearchParams(Pairs{})).empty());
    const std::map<std::string, std::string> object{{"c", "x"}, {"d\xff", "\u1234"}};
    CHECK(pairsOf(URLSearchParams(object)) == Pairs{{"c", "x"}, {"d\ufffd", "\u1234"}});
}

TEST_CASE("url/urlsearchparams-append: the same name and nothing may be appended again") {
    CHECK(serialized({{"a", "b"}, {"a", "b"}, {"a", "c"}}) == "a=b&a=b&a=c");
    CHECK(serialized({{"", ""}, {"", ""}}) == "=&=");
    URLSearchParams params;
    params.append("first", "1");
    params.append("second", "2");
    params.append("third", "");
    params.append("first", "10");
    CHECK(params.get("first") == "1");
    CHECK(params.get("second") == "2");
    CHECK(params.get("third") == "");
}

TEST_CASE("url/urlsearchparams-delete: all of a name are deleted") {
    const auto without = [](const char* query, const char* name) {
        URLSearchParams params(query);
        params.delete_(name);
        return params.toString();
    };
    CHECK(without("a=b&c=d", "a") == "c=d");
    CHECK(without("a=a&b=b&a=a&c=c", "a") == "b=b&c=c");
    CHECK(without("a=a&=&b=b&c=c", "") == "a=a&b=b&c=c");
    URLSearchParams both("a=b&a=c&a=d");
    both.delete_("a", "c");
    CHECK(both.toString() == "a=b&a=d");
}

TEST_CASE("url/urlsearchparams-delete: a URL whose last parameter is deleted has no question mark") {
    URL url("http://example.com/?param1&param2");
    url.searchParams().delete_("param1");
    url.searchParams().delete_("param2");
    CHECK(url.href() == "http://example.com/");
    URL none("http://example.com/?");
    none.searchParams().delete_("param1");
    CHECK(none.href() == "http://example.com/");
}

TEST_CASE("url/urlsearchparams-foreach: each is called with its value and name") {
    Pairs seen;
    URLSearchParams("a=1&b=2&c=3").forEach([&](const auto& value, const auto& name) {
        seen.emplace_back(name, value);
    });
    CHECK(seen == Pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}});
}

TEST_CASE("url/urlsearchparams-foreach: iteration goes by place when the query changes") {
    URL url("http://a.b/c?a=1&b=2&c=3&d=4");
    Pairs seen;
    for (const auto& pair : url.searchParams()) {
        url.search("x=1&y=2&z=3");
        seen.push_back(pair);
    }
    CHECK(seen == Pairs{{"a", "1"}, {"y", "2"}, {"z", "3"}});
    for (const auto& pair : URL("http://a.b/c").searchParams()) FAIL(pair.first);
}

TEST_CASE("url/urlsearchparams-foreach: what is deleted during iteration is passed over") {
    const auto visited = [](const char* deleted) {
        URL url("http://localhost/query?param0=0&param1=1&param2=2");
        std::string seen;
        for (const auto& [name, value] : url.searchParams()) {
            if (!*deleted || name == "param0") url.searchParams().delete_(*deleted ? std::string(deleted) : name);
            seen += value;
        }
        return seen + " " + url.searchParams().toString();
    };
    CHECK(visited("param1") == "02 param0=0&param2=2");
    CHECK(visited("param0") == "02 param1=1&param2=2");
    CHECK(visited("") == "02 param1=1");
}

TEST_CASE("url/urlsearchparams-get: the first value of a name or nothing") {
    CHECK(URLSearchParams("a=b&c=d&a=e").get("a") == "b");
    CHECK(URLSearchParams("=b&c=d").get("") == "b");
    const URLSearchParams params("first=second&third&&");
    CHECK(params.get("first") == "second");
    CHECK(params.get("third") == "");
    CHECK_FALSE(params.get("fourth"));
}

TEST_CASE("url/urlsearchparams-getall: all values of a name in their order") {
    using Values = std::vector<std::string>;
    CHECK(URLSearchParams("a=b&c=d").getAll("e").empty());
    CHECK(URLSearchParams("a=b&c=d&a=e").getAll("a") == Values{"b", "e"});
    CHECK(URLSearchParams("=b&c=d").getAll("") == Values{"b"});
    URLSearchParams params("a=1&a=2&a=3&a");
    CHECK(params.getAll("a") == Values{"1", "2", "3", ""});
    params.set("a", "one");
    CHECK(params.getAll("a") == Values{"one"});
}

TEST_CASE("url/urlsearchparams-has: a name may be asked for with a value") {
    URLSearchParams params("a=b&c=d&&");
    params.append("first", "1");
    params.append("first", "2");
    CHECK(params.has("a"));
    CHECK(params.has("first"));
    CHECK_FALSE(params.has("d"));
    CHECK(params.has("first", "2"));
    CHECK_FALSE(params.has("first", "3"));
    params.delete_("first");
    CHECK_FALSE(params.has("first"));
    CHECK(URLSearchParams("=b&c=d").has(""));
}

TEST_CASE("url/urlsearchparams-set: the first of a name is set and the others go") {
    URLSearchParams params("a=b&c=d&a=e");
    params.set("a", "B");
    CHECK(params.toString() == "a=B&c=d");
    params.set("e", "f");
    CHECK(params.toString() == "a=B&c=d&e=f");
}

TEST_CASE("url/urlsearchparams-size: the size follows appending and deleting and the URL") {
    URL url("http://localhost/query?a=1&b=2&a=3");
    CHECK(url.searchParams().size() == 3);
    url.searchParams().delete_("a");
    CHECK(url.searchParams().size() == 1);
    url.searchParams().append("b", "4");
    CHECK(url.searchParams().size() == 2);
    url.search("?");
    CHECK(url.searchParams().size() == 0);
}

TEST_CASE("url/urlsearchparams-sort: parameters are sorted by the code units of their names") {
    const std::pair<const char*, Pairs> cases[] = {
        {"z=b&a=b&z=a&a=a", {{"a", "b"}, {"a", "a"}, {"z", "b"}, {"z", "a"}}},
        {"\ufffd=x&\ufffc&\ufffd=a", {{"\ufffc", ""}, {"\ufffd", "x"}, {"\ufffd", "a"}}},
        {"\ufb03&\U0001f308", {{"\U0001f308", ""}, {"\ufb03", ""}}},
        {"\u00e9&e\ufffd&e\u0301", {{"e\u0301", ""}, {"e\ufffd", ""}, {"\u00e9", ""}}},
        {"bbb&bb&aaa&aa=x&aa=y", {{"aa", "x"}, {"aa", "y"}, {"aaa", ""}, {"bb", ""}, {"bbb", ""}}},
        {"z=z&=f&=t&=x", {{"", "f"}, {"", "t"}, {"", "x"}, {"z", "z"}}},
        {"a\U0001f308&a\U0001f4a9", {{"a\U0001f308", ""}, {"a\U0001f4a9", ""}}},
    };
    for (const auto& [query, expected] : cases) {
        INFO(query);
        URLSearchParams params(query);
        params.sort();
        CHECK(pairsOf(params) == expected);
        URL url("?" + std::string(query), "https://example/");
        url.searchParams().sort();
        CHECK(pairsOf(URLSearchParams(url.search())) == expected);
    }
    URL url("http://example.com/?");
    url.searchParams().sort();
    CHECK(url.href() == "http://example.com/");
}

TEST_CASE("url/urlsearchparams-stringifier: what is not plain is percent-encoded") {
    CHECK(serialized({{"a", "b c"}, {"a b", "c"}}) == "a=b+c&a+b=c");
    CHECK(serialized({{"a", ""}, {"", "b"}, {"", ""}}) == "a=&=b&=");
    CHECK(serialized({{"a", "b+c"}, {"a+b", "c"}}) == "a=b%2Bc&a%2Bb=c");
    CHECK(serialized({{"=", "a"}, {"b", "="}}) == "%3D=a&b=%3D");
    CHECK(serialized({{"&", "a"}, {"b", "&"}}) == "%26=a&b=%26");
    CHECK(serialized({{"*-._", "*-._"}}) == "*-._=*-._");
    CHECK(serialized({{"a%b", "b%c"}}) == "a%25b=b%25c");
    CHECK(serialized({{std::string_view("a\0b", 3), ""}}) == "a%00b=");
    CHECK(serialized({{"a", "b\U0001f4a9c"}}) == "a=b%F0%9F%92%A9c");
    CHECK(serialized({{"a\nb", "c\rd"}, {"e\n\rf", "g\r\nh"}}) == "a%0Ab=c%0Dd&e%0A%0Df=g%0D%0Ah");
    CHECK(URLSearchParams("a=b&c=d&&e&&").toString() == "a=b&c=d&e=");
    CHECK(URLSearchParams("a = b &a=b&c=d%20").toString() == "a+=+b+&a=b&c=d+");
    CHECK(URLSearchParams("b=%%2a").toString() == "b=%25*");
    URL url("http://www.example.com/?a=b,c");
    CHECK(url.searchParams().toString() == "a=b%2Cc");
    CHECK(url.toString() == "http://www.example.com/?a=b,c");
    url.searchParams().append("x", "y");
    CHECK(url.toString() == "http://www.example.com/?a=b%2Cc&x=y");
}

TEST_CASE("url/url-statics-canparse: canParse tells whether the constructor would throw") {
    CHECK_FALSE(URL::canParse("undefined"));
    CHECK(URL::canParse("aaa:b"));
    CHECK_FALSE(URL::canParse("undefined", "aaa:b"));
    CHECK_FALSE(URL::canParse("undefined", "https://test:test/"));
    CHECK(URL::canParse("aaa:/b"));
    CHECK(URL::canParse("undefined", "aaa:/b"));
    CHECK_FALSE(URL::canParse("https://test:test"));
    CHECK(URL::canParse("a", "https://b/"));
    CHECK(URL::canParse("file:///C:/path/file.node"));
    CHECK(URL::canParse("C:/path/file.node"));
    CHECK(URL::canParse("c:b"));
}

TEST_CASE("url/url-statics-parse: parse returns a URL of its own or nothing") {
    CHECK_FALSE(URL::parse("undefined"));
    CHECK_FALSE(URL::parse("undefined", "aaa:b"));
    CHECK_FALSE(URL::parse("https://test:test"));
    CHECK(URL::parse("aaa:b") == URL("aaa:b"));
    CHECK(URL::parse("undefined", "aaa:/b") == URL("undefined", "aaa:/b"));
    CHECK(URL::parse("a", "https://b/") == URL("a", "https://b/"));
}

TEST_CASE("url/url-tojson: toJSON gives the href") {
    CHECK(URL("https://example.com/").toJSON() == "https://example.com/");
}

TEST_CASE("url/url-setters-stripping: tabs and newlines are taken out of what is set") {
    for (const std::string scheme : {"https", "wpt++"}) {
        const auto fresh = [&] { return URL(scheme + "://username:password@host:8000/path?query#fragment"); };
        for (const char c : {'\t', '\n', '\r', '\0', '\x1f'}) {
            INFO(scheme << " " << int{c});
            const bool stripped = c == '\t' || c == '\n' || c == '\r';
            const std::string_view encodings[] = {"%00", "%09", "%0A", "%0D", "%1F"};
            const std::string encoded(encodings[c == 0 ? 0 : c == '\t' ? 1 : c == '\n' ? 2 : c == '\r' ? 3 : 4]);

            const std::string target = scheme == "https" ? "http" : "wpt--";
            URL url = fresh();
            url.protocol(c + target);
            CHECK(url.protocol() == (stripped ? target : scheme) + ":");
            url = fresh();
            url.protocol(target + c);
            CHECK(url.protocol() == (stripped ? target : scheme) + ":");

            url = fresh();
            url.port(c + std::string("9000"));
            CHECK(url.port() == (stripped ? "9000" : "8000"));
            url.port(std::string("90") + c + "00");
            CHECK(url.port() == (stripped ? "9000" : "90"));
            url.port(std::string("9001") + c);
            CHECK(url.port() == "9001");

            for (const auto& [before, behind] : {std::pair("", "test"), std::pair("te", "st"), std::pair("test", "")}) {
                const std::string value = std::string(before) + c + behind;
                const std::string whole = before + encoded + behind; // credentials keep all of it
                const std::string expected = stripped ? "test" : whole;
                url = fresh();
                url.username(value);
                CHECK(url.username() == whole);
                url.password(value);
                CHECK(url.password() == whole);
                url.hostname(value);
                const bool refused = c == '\0' || (c == '\x1f' && scheme == "https");
                CHECK(url.hostname() == (refused ? "host" : expected));
                url.host("host");
                url.host(value);
                CHECK(url.host() == (refused ? "host" : expected) + ":8000");
                url.pathname(value);
                CHECK(url.pathname() == "/" + expected);
                url.search(value);
                CHECK(url.search() == "?" + expected);
                url.hash(value);
                CHECK(url.hash() == "#" + expected);
            }
        }
    }
}
