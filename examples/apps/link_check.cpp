// link_check DIR|URL [option...]: checks the links of a tree of HTML files, or of a site
// SPDX-License-Identifier: MIT
//
// N workers take addresses from a list, load them, and add what these link to. They are async functions on one thread, so
// the list needs no lock; while they wait for the network, a disk or a pause before the next try, others go on.

#include "tool.hpp"

#include <rondo/fetch.hpp>
#include <rondo/http.hpp>
#include <rondo/rondo.hpp>
#include <rondo/streams.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace fs = std::filesystem;
using namespace rondo;
using namespace tool;

namespace {

constexpr std::string_view help = R"(link_check DIR|URL [option...]

Checks the links of the HTML files in DIR and below it, or of the site that URL begins: each page of
the same origin that can be reached from there is read. What a link leads to must be there, and so
must the part that its fragment names, if that is a page of the tree or of the site. Links elsewhere
are asked for with HEAD, or with GET where that is not known.

    --jobs N          loads at most N addresses at a time, 1 to 1024; if not given, 16
    --retries N       tries again N times what may be better later: no answer, a busy server; 0 to 10,
                      if not given, 2. It waits half a second, then twice as long each time
    --timeout TIME    how long a try may take: 500ms, 5s, 1.5m; a number alone is seconds; else 10s
    --no-external     leaves links to other origins out
    --help            shows this

In DIR an address that begins with / begins there, and a directory stands for its index.html. Links
of other schemes, as mailto: and javascript:, are counted and left out.

Ctrl-C and SIGTERM stop it; Ctrl-C once more ends it at once. The result is then of what has been
checked, and says that it is partial.

The exit code is 0 if all links are good, 1 if some are broken or the result cannot be written; 2 if
DIR or URL itself cannot be read, or the program was called in another way than this; 130 if it was
stopped by Ctrl-C, and 143 by SIGTERM.)";

// ---- HTML ---------------------------------------------------------------------------------------

struct Link {
    std::string target; // as it is written there
    std::size_t line;
};

struct Page {
    std::vector<Link> links;
    std::set<std::string> anchors; // what a fragment may name
    std::string base;              // of <base href>, or empty
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

std::string lowered(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

std::string_view stripped(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

/// UTF-8.
void appendCodePoint(std::string& text, std::uint32_t c) {
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
    const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
    }
    put(0x80 | (c & 0x3F));
}

/// An attribute's value with its character references replaced: those that addresses have.
std::string unescaped(std::string_view value) {
    std::string result;
    while (!value.empty()) {
        const std::size_t end = value.find(';');
        const std::string_view name = value.front() == '&' && end != value.npos ? value.substr(1, end - 1) : "";
        if (name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos") {
            result += name == "amp" ? '&' : name == "lt" ? '<' : name == "gt" ? '>' : name == "quot" ? '"' : '\'';
        } else if (name.size() > 1 && name.size() < 10 && name[0] == '#') {
            const bool hexadecimal = name[1] == 'x' || name[1] == 'X';
            const std::string digits(name.substr(hexadecimal ? 2 : 1));
            const char* const known = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
            if (digits.empty() || digits.find_first_not_of(known) != digits.npos) {
                result += value.front();
                value.remove_prefix(1);
                continue;
            }
            appendCodePoint(result, static_cast<std::uint32_t>(std::stoul(digits, nullptr, hexadecimal ? 16 : 10)));
        } else {
            result += value.front();
            value.remove_prefix(1);
            continue;
        }
        value.remove_prefix(end + 1);
    }
    return result;
}

/// Finds the links and the anchors of a page. It reads tags, attributes, comments and raw text as HTML has them, and takes
/// no offence at anything.
class HtmlReader {
public:
    explicit HtmlReader(std::string_view text) : text_(text) {}

    Page read() {
        while (at_ < text_.size()) {
            if (text_[at_] != '<') {
                skipTo(text_.find('<', at_));
            } else if (looksAt("<!--")) {
                skipBehind("-->", 2); // "<!-->" is a whole comment
            } else if (at_ + 1 < text_.size() && isLetter(text_[at_ + 1])) {
                readTag();
            } else if (looksAt("<!") || looksAt("<?") || looksAt("</")) {
                skipBehind(">", 1);
            } else {
                ++at_;
            }
        }
        return std::move(page_);
    }

private:
    struct Attribute {
        std::string name;
        std::string value;
    };

    static bool isLetter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
    bool looksAt(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    void skipTo(std::size_t position) { at_ = std::min(position, text_.size()); }
    void skipBehind(std::string_view what, std::size_t from) {
        const std::size_t found = text_.find(what, at_ + from);
        skipTo(found == text_.npos ? found : found + what.size());
    }

    std::string_view takeUntil(std::string_view stops) {
        const std::size_t begin = at_;
        skipTo(text_.find_first_of(stops, at_));
        return text_.substr(begin, at_ - begin);
    }

    void readTag() {
        const std::size_t begin = at_++;
        const std::string name = lowered(takeUntil(" \t\n\f\r/>"));
        std::vector<Attribute> attributes;
        while (at_ < text_.size() && text_[at_] != '>') {
            if (isSpace(text_[at_]) || text_[at_] == '/') {
                ++at_;
            } else {
                attributes.push_back(readAttribute());
            }
        }
        if (at_ == text_.size()) return; // a tag without an end is no tag
        ++at_;
        note(name, attributes, lineOf(begin));
        if (name == "script" || name == "style" || name == "textarea" || name == "title") skipRawText(name);
    }

    Attribute readAttribute() {
        const std::size_t begin = at_++; // an attribute may begin with "="
        skipTo(text_.find_first_of(" \t\n\f\r/>=", at_));
        Attribute attribute{lowered(text_.substr(begin, at_ - begin)), {}};
        const std::size_t next = std::min(text_.find_first_not_of(" \t\n\f\r", at_), text_.size());
        if (next == text_.size() || text_[next] != '=') return attribute;
        skipTo(text_.find_first_not_of(" \t\n\f\r", next + 1));
        if (at_ == text_.size()) return attribute;
        if (const char quote = text_[at_]; quote == '"' || quote == '\'') {
            ++at_;
            attribute.value = unescaped(takeUntil(quote == '"' ? "\"" : "'"));
            skipTo(at_ + 1);
        } else {
            attribute.value = unescaped(takeUntil(" \t\n\f\r>"));
        }
        return attribute;
    }

    /// To the end tag of this name.
    void skipRawText(const std::string& name) {
        for (;;) {
            skipTo(text_.find("</", at_));
            if (at_ == text_.size()) return;
            if (lowered(text_.substr(at_ + 2, name.size())) == name) return;
            at_ += 2;
        }
    }

    void note(const std::string& tag, const std::vector<Attribute>& attributes, std::size_t line) {
        const auto has = [&](std::string_view name, std::string_view value) {
            return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& each) {
                return each.name == name && lowered(stripped(each.value)) == value;
            });
        };
        for (const auto& [name, value] : attributes) {
            if (name == "id" || (name == "name" && tag == "a")) page_.anchors.insert(value);
            if (name == "href" && tag == "base") {
                if (page_.base.empty()) page_.base = stripped(value);
            } else if (name == "href" && (tag == "a" || tag == "area" || tag == "link")) {
                if (!has("rel", "preconnect") && !has("rel", "dns-prefetch")) add(value, line);
            } else if ((name == "src" && tag != "base") || (name == "poster" && tag == "video") ||
                       (name == "data" && tag == "object")) {
                add(value, line);
            }
        }
    }
    void add(std::string_view target, std::size_t line) {
        page_.links.push_back({std::string(stripped(target)), line});
    }

    std::size_t lineOf(std::size_t position) {
        line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                                     text_.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
        counted_ = position;
        return line_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t counted_ = 0;
    std::size_t line_ = 1;
    Page page_;
};

// ---- What an address leads to -------------------------------------------------------------------

/// What has become of an address.
struct Loaded {
    std::string fault; // empty if it is there
    std::optional<Page> page;
    std::string url; // where it was found in the end, if that is elsewhere
};

bool isHtmlName(const fs::path& path) {
    const std::string extension = lowered(path.extension().string());
    return extension == ".html" || extension == ".htm" || extension == ".xhtml";
}

std::string percentDecoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) {
            return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
        };
        if (text[i] == '%' && digit(i + 1) && digit(i + 2)) {
            result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

/// The URL of a file in a tree, in which / is the root.
std::string fileUrl(const std::string& path) {
    URL url("file:///");
    url.pathname(path);
    return url.href();
}

/// On a thread of the pool. The path begins at the root of the tree.
Loaded loadFile(const fs::path& root, fs::path path) {
    std::error_code error;
    std::string url;
    if (fs::is_directory(root / path, error)) {
        path /= "index.html";
        if (!fs::exists(root / path, error)) return {"a directory without an index.html", std::nullopt, {}};
        url = fileUrl(path.generic_string());
    }
    if (!fs::exists(root / path, error)) return {"no such file", std::nullopt, {}};
    if (!isHtmlName(path)) return {};
    std::ifstream file(root / path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) return {"cannot be read", std::nullopt, {}};
    return {{}, HtmlReader(text).read(), url};
}

/// The HTML files of a tree, by their paths from its root. On a thread of the pool; throws `std::system_error`.
std::vector<std::string> listPages(const fs::path& root) {
    std::vector<std::string> pages;
    for (const auto& entry : fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied)) {
        std::error_code ignored;
        if (entry.is_regular_file(ignored) && isHtmlName(entry.path())) {
            pages.push_back(entry.path().lexically_relative(root).generic_string());
        }
    }
    std::sort(pages.begin(), pages.end());
    return pages;
}

struct Options {
    std::size_t jobs = 16;
    std::size_t retries = 2;
    Seconds timeout = Seconds(10);
    bool external = true;
};

/// Loads what is on the network, and tries again what may be better later.
class Client {
public:
    Client(const Options& options, const AbortSignal& signal) : options_(options), signal_(signal) {}

    /// Rejects with the signal's reason.
    Promise<Loaded> load(std::string url, bool wholePage) {
        for (std::size_t tries = 0;; ++tries) {
            Loaded loaded;
            Seconds pause = Seconds(0.5) * static_cast<double>(std::size_t{1} << tries);
            try {
                const AbortSignal limit = AbortSignal::any(signal_, AbortSignal::timeout(options_.timeout));
                const Response response = co_await request(url, wholePage, limit);
                if (response.ok()) {
                    loaded.url = response.url();
                    const std::string type = lowered(response.headers().get("content-type").value_or(""));
                    if (wholePage && type.starts_with("text/html")) {
                        const std::string text = co_await response.text();
                        loaded.page = HtmlReader(text).read();
                    }
                    co_return loaded;
                }
                loaded.fault = std::to_string(response.status());
                if (const auto& words = response.statusText(); !words.empty()) loaded.fault += " " + words;
                if (response.status() != 429 && response.status() < 500) co_return loaded;
                pause = std::max(pause, retryAfter(response));
            } catch (const Error& error) {
                if (signal_.aborted()) throw;
                loaded.fault = reasonOf(error);
            }
            if (tries == options_.retries) co_return loaded;
            co_await delay(pause, {.signal = signal_});
        }
    }

private:
    static Promise<Response> request(std::string url, bool wholePage, AbortSignal signal) {
        if (!wholePage) {
            Response response = co_await fetch(url, {.method = "HEAD", .signal = signal});
            if (response.status() != 405 && response.status() != 501) co_return response;
        }
        co_return co_await fetch(url, {.signal = signal});
    }

    /// What the server asks for, up to half a minute.
    static Seconds retryAfter(const Response& response) {
        const std::string wanted = response.headers().get("retry-after").value_or("");
        if (wanted.empty() || wanted.size() > 6 || wanted.find_first_not_of("0123456789") != wanted.npos)
            return Seconds(0);
        return std::min(Seconds(std::stod(wanted)), Seconds(30));
    }

    /// An error, and what has caused it.
    static std::string reasonOf(const Error& error) {
        const std::string reason(error.message());
        try {
            if (error.cause()) std::rethrow_exception(error.cause());
        } catch (const std::exception& cause) {
            return reason + ": " + cause.what();
        }
        return reason;
    }

    const Options& options_;
    const AbortSignal& signal_;
};

// ---- The check ----------------------------------------------------------------------------------

/// Where a link stands, and what of its address is not sent.
struct Reference {
    std::string page;
    std::size_t line;
    std::string written;
    std::string fragment;
};

struct Target {
    std::vector<Reference> references;
    std::optional<Loaded> loaded;
};

class Checker {
public:
    Checker(const Options& options, const Ending& ending)
        : options_(options), signal_(ending.signal()), client_(options_, signal_),
          onAbort_(signal_.addEventListener("abort", [&] {
              progress_.say(std::string("link_check: stopped by ") + ending.cause() + " after " + progress_.figures());
              backlog_.close();
          })) {}
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;
    ~Checker() { signal_.removeEventListener("abort", onAbort_); }

    /// Throws `std::system_error` if the tree cannot be read.
    Promise<> checkTree(fs::path root) {
        root_ = std::move(root);
        const auto pages = co_await offload({.signal = signal_}, listPages, root_);
        for (const std::string& page : pages) visit(fileUrl(page));
        co_await work();
    }

    /// Throws `TypeError` if it is no address, or cannot be read.
    Promise<> checkSite(std::string start) {
        const URL url(start);
        if (url.protocol() != "http:" && url.protocol() != "https:") throw TypeError("it is not an address of the Web");
        origin_ = url.origin();
        const std::string href = withoutFragment(url);
        visit(href);
        co_await work();
        const Target& first = targets_.at(href);
        if (first.loaded && !first.loaded->fault.empty()) throw TypeError(first.loaded->fault);
    }

    /// True if no link is broken.
    bool report(bool partial) const {
        std::size_t links = 0;
        std::size_t broken = 0;
        std::map<std::pair<std::string, std::size_t>, std::vector<std::string>> faults; // by page and line
        for (const auto& [url, target] : targets_) {
            links += target.references.size();
            if (!target.loaded) continue;
            for (const Reference& reference : target.references) {
                const std::string fault = faultOf(reference, *target.loaded);
                if (fault.empty()) continue;
                ++broken;
                faults[{shown(reference.page), reference.line}].push_back(reference.written + ": " + fault);
            }
        }
        for (const auto& [where, lines] : faults) {
            for (const std::string& line : lines) {
                console.log(printable(where.first) + ":" + std::to_string(where.second) + ": " + printable(line));
            }
        }
        if (partial) console.log("Partial results: not everything has been checked.");
        console.log(std::to_string(links) + " links to " + std::to_string(targets_.size()) + " addresses; " +
                    std::to_string(skipped_) + " left out; " + std::to_string(broken) + " broken");
        return broken == 0;
    }

private:
    Promise<> work() {
        progress_.begin();
        std::vector<Promise<>> workers;
        std::generate_n(std::back_inserter(workers), options_.jobs, [this] { return workOnOne(); });
        co_await Promise<>::all(std::move(workers));
    }

    Promise<> workOnOne() {
        for (;;) {
            const std::optional<std::string> url = co_await backlog_.take();
            if (!url) break;
            try {
                Loaded loaded = co_await load(*url);
                const std::string& address = loaded.url.empty() ? *url : loaded.url;
                if (loaded.page && followed_.insert(address).second) follow(address, *loaded.page);
                targets_[*url].loaded = std::move(loaded);
            } catch (const std::exception&) {
                if (signal_.aborted()) break;
                throw;
            }
            progress_.finished();
            backlog_.done();
        }
    }

    Promise<Loaded> load(std::string url) {
        if (!url.starts_with("file:")) return client_.load(url, isInside(URL(url)));
        const std::string path = percentDecoded(URL(url).pathname());
        return offload({.signal = signal_}, loadFile, root_, fs::path(path).relative_path());
    }

    bool isInside(const URL& url) const { return !origin_.empty() && url.origin() == origin_; }

    static std::string withoutFragment(URL url) {
        url.hash("");
        return url.href();
    }

    /// It is there to be checked, once.
    Target& visit(const std::string& url) {
        const auto [target, isNew] = targets_.try_emplace(url);
        if (isNew) {
            progress_.found();
            backlog_.add(url);
        }
        return target->second;
    }

    void follow(const std::string& address, const Page& page) {
        const auto base = URL::parse(page.base, address);
        for (const Link& link : page.links) {
            auto url = URL::parse(link.target, base ? base->href() : address);
            if (!url) {
                Target& none = targets_[link.target];
                none.loaded = Loaded{"not an address", std::nullopt, {}};
                none.references.push_back({address, link.line, link.target, {}});
                continue;
            }
            const bool isFile = url->protocol() == "file:" && !root_.empty();
            const bool isWeb = url->protocol() == "http:" || url->protocol() == "https:";
            if (!isFile && (!isWeb || (!options_.external && !isInside(*url)))) {
                ++skipped_;
                continue;
            }
            if (isFile) url->search("");
            const std::string hash = url->hash();
            visit(withoutFragment(*url))
                .references.push_back({address, link.line, link.target, hash.empty() ? hash : hash.substr(1)});
        }
    }

    static std::string faultOf(const Reference& reference, const Loaded& loaded) {
        if (!loaded.fault.empty()) return loaded.fault;
        const std::string fragment = percentDecoded(reference.fragment);
        if (!loaded.page || fragment.empty() || lowered(fragment) == "top" || fragment.starts_with(":~:")) return {};
        if (loaded.page->anchors.contains(fragment) || loaded.page->anchors.contains(reference.fragment)) return {};
        return "there is no #" + fragment;
    }

    /// The page of a tree as the user calls it.
    std::string shown(const std::string& url) const {
        if (root_.empty()) return url;
        return (root_ / fs::path(percentDecoded(URL(url).pathname())).relative_path()).string();
    }

    const Options& options_;
    const AbortSignal& signal_;
    Client client_;
    fs::path root_;      // of a tree
    std::string origin_; // of a site
    std::map<std::string, Target> targets_;
    std::set<std::string> followed_; // pages, by where they were found
    std::size_t skipped_ = 0;
    Backlog<std::string> backlog_;
    Progress progress_{"link_check", "addresses"};
    EventListener onAbort_;
};

/// The exit code.
Promise<int> check(std::string start, const Options& options) {
    Ending ending(std::nullopt);
    Checker checker(options, ending);
    try {
        std::error_code error;
        if (fs::is_directory(start, error)) {
            co_await checker.checkTree(start);
        } else if (start.find("://") == start.npos) {
            throw std::system_error(error ? error : std::make_error_code(std::errc::not_a_directory));
        } else {
            co_await checker.checkSite(start);
        }
    } catch (const std::exception& error) {
        if (!ending.signal().aborted()) {
            console.error("link_check:", printable(start) + ":", error.what());
            co_return 2;
        }
    }
    const bool good = checker.report(ending.signal().aborted());
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        console.error("link_check: the result cannot be written");
        co_return 1;
    }
    co_return ending.signal().aborted() ? ending.exitCode() : good ? 0 : 1;
}

// ---- How it is called ---------------------------------------------------------------------------

int refuse(const std::string& why) {
    console.error("link_check:", why);
    console.error(
        "usage: link_check DIR|URL [--jobs N] [--retries N] [--timeout TIME] [--no-external], or link_check --help");
    return 2;
}

}

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    std::vector<std::string> starts;
    Options options;
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        const auto value = [&]() -> std::string { return ++argument != arguments.end() ? *argument : ""; };
        if (!argument->starts_with('-')) {
            starts.push_back(*argument);
        } else if (*argument == "--help") {
            console.log(help);
            return 0;
        } else if (*argument == "--jobs") {
            const auto number = parseNumber(value(), 1, 1024);
            if (!number) return refuse("--jobs needs a number from 1 to 1024");
            options.jobs = *number;
        } else if (*argument == "--retries") {
            const auto number = parseNumber(value(), 0, 10);
            if (!number) return refuse("--retries needs a number from 0 to 10");
            options.retries = *number;
        } else if (*argument == "--timeout") {
            const auto time = parseTime(value());
            if (!time) return refuse("--timeout needs a time of more than 0, as 500ms, 5s, or 1.5m");
            options.timeout = *time;
        } else if (*argument == "--no-external") {
            options.external = false;
        } else {
            return refuse("there is no option " + printable(*argument));
        }
        if (argument == arguments.end()) break;
    }
    if (starts.empty()) return refuse("DIR or URL is missing");
    if (starts.size() > 1) return refuse("there is more than one DIR or URL");

    EventLoop loop;
    return loop.run(check, starts.front(), options);
}
