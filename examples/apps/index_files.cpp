// index_files DIR [--jobs N] [--timeout TIME]: counts the lines and the words of a tree of files
// SPDX-License-Identifier: MIT
//
// What may block, which is to look into directories and to read files, is done by the threads of a pool. The
// thread of the loop says what comes next, and adds up what they bring; so nothing here needs a lock.
// One signal ends all of it early, when the time is up or the user presses Ctrl-C.

#include "tool.hpp"

#include <rondo/rondo.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fs = std::filesystem;
using namespace rondo;
using namespace tool;

namespace {

constexpr std::string_view help = R"(index_files DIR [--jobs N] [--timeout TIME]

Counts the lines, words and bytes of the text files in DIR and in all directories below it, and
shows the totals, the figures for each extension, and the most frequent words.

    --jobs N          reads at most N files at a time, 1 to 1024; if not given, two for each processor
    --timeout TIME    stops when the time is up: 500ms, 5s, 1.5m; a number alone is seconds
    --help            shows this

Lines and words are those of `LC_ALL=C wc -l -w`. The most frequent words are counted without regard
to case; there, a word is made of letters, digits and underscores, begins with no digit, and is from
3 to 40 bytes long. Symbolic links are not followed. A file with a NUL among its first 8000 bytes is
taken to be binary, and skipped. What cannot be read is named on stderr, and skipped.

Ctrl-C and SIGTERM stop it, too; Ctrl-C once more ends it at once. The result is what has been
counted until then, and says that it is partial.

The exit code is 0; 1 if the result cannot be written; 2 if DIR is no directory that can be read, or
if the program was called in another way than this. If it was stopped it is 124 by the timeout, 130
by Ctrl-C, and 143 by SIGTERM.)";

// ---- What is done on the pool -------------------------------------------------------------------

struct Entry {
    fs::path path;
    bool isDirectory;
};

struct Listing {
    std::vector<Entry> entries;
    std::size_t others = 0; // symbolic links, FIFOs, sockets and devices
};

/// Throws `std::system_error`.
Listing listDirectory(std::stop_token stop, const fs::path& directory) {
    Listing found;
    std::vector<Entry> directories;
    std::error_code error;
    const fs::directory_iterator end;
    for (fs::directory_iterator entry(directory, error); !error && entry != end; entry.increment(error)) {
        if (stop.stop_requested()) return {};
        std::error_code ignored;
        const fs::file_type type = entry->symlink_status(ignored).type();
        if (type == fs::file_type::directory) {
            directories.push_back({entry->path(), true});
        } else if (type == fs::file_type::regular || type == fs::file_type::none) { // none: reading tells why
            found.entries.push_back({entry->path(), false});
        } else if (type != fs::file_type::not_found) {
            ++found.others;
        }
    }
    if (error) throw std::system_error(error);
    // Directories last: then they are read first, and one soon knows how many files there are.
    std::move(directories.begin(), directories.end(), std::back_inserter(found.entries));
    return found;
}

struct Counts {
    std::uint64_t files = 0;
    std::uint64_t lines = 0;
    std::uint64_t words = 0;
    std::uint64_t bytes = 0;

    Counts& operator+=(const Counts& other) {
        files += other.files;
        lines += other.lines;
        words += other.words;
        bytes += other.bytes;
        return *this;
    }
    Counts& operator-=(const Counts& other) {
        files -= other.files;
        lines -= other.lines;
        words -= other.words;
        bytes -= other.bytes;
        return *this;
    }
};

using Frequencies = std::unordered_map<std::string, std::uint64_t>;

struct FileIndex {
    Counts counts;
    Frequencies frequencies;
};

/// Takes a text piece by piece, and counts what is in it.
class Counter {
public:
    void add(std::string_view piece) {
        Counts& counts = index_.counts;
        counts.bytes += piece.size();
        for (const char c : piece) {
            const auto byte = static_cast<unsigned char>(c);
            counts.lines += c == '\n';
            if (isSpace(byte)) {
                inWord_ = false;
            } else if (isPrintable(byte) && !inWord_) { // other bytes neither begin nor end a word, says wc
                inWord_ = true;
                ++counts.words;
            }
            addToTerm(byte);
        }
    }

    FileIndex result() {
        endTerm();
        index_.counts.files = 1;
        return std::move(index_);
    }

private:
    static constexpr std::size_t shortest = 3;
    static constexpr std::size_t longest = 40; // what is longer is data

    // In the C locale, whatever the user's.
    static bool isSpace(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
    static bool isPrintable(unsigned char c) { return c >= ' ' && c <= '~'; }
    static bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
    static bool isUpper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
    // In UTF-8 a byte from 0xC0 on begins a character; 0xE2 begins dashes, quotation marks and arrows.
    static bool isLetter(unsigned char c) {
        return isUpper(c) || (c >= 'a' && c <= 'z') || c == '_' || (c >= 0xC0 && c != 0xE2);
    }
    static bool continuesLetter(unsigned char c) { return c >= 0x80 && c < 0xC0; }

    void addToTerm(unsigned char c) {
        if (isLetter(c) || isDigit(c) || (continuesLetter(c) && !term_.empty())) {
            if (term_.size() <= longest) term_ += static_cast<char>(isUpper(c) ? c - 'A' + 'a' : c);
        } else if (!term_.empty()) {
            endTerm();
        }
    }

    void endTerm() {
        const bool fits = term_.size() >= shortest && term_.size() <= longest;
        if (fits && !isDigit(static_cast<unsigned char>(term_.front()))) ++index_.frequencies[term_];
        term_.clear();
    }

    FileIndex index_;
    bool inWord_ = false;
    std::string term_;
};

/// Nothing if it is binary. Throws `std::system_error`.
std::optional<FileIndex> readFile(std::stop_token stop, const fs::path& path) {
    constexpr std::size_t looksForNul = 8000; // as git does
    const auto fail = [] { throw std::system_error(errno, std::generic_category()); };
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"));
    if (!file) fail();

    std::vector<char> buffer(65536);
    Counter counter;
    for (bool first = true;; first = false) {
        if (stop.stop_requested()) return std::nullopt;
        const std::string_view piece(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get()));
        if (std::ferror(file.get())) fail();
        if (piece.empty()) break;
        if (first && piece.substr(0, looksForNul).find('\0') != piece.npos) return std::nullopt;
        counter.add(piece);
    }
    return counter.result();
}

// ---- What is done on the loop -------------------------------------------------------------------

/// The ten entries of a map with the greatest figures, the greatest first, equal ones by name.
template <class Map, class Figure>
auto greatest(const Map& map, Figure figure) {
    std::vector<const typename Map::value_type*> entries;
    entries.reserve(map.size());
    for (const auto& entry : map) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [&](const auto* a, const auto* b) {
        const auto x = figure(a->second);
        const auto y = figure(b->second);
        return x != y ? x > y : a->first < b->first;
    });
    if (entries.size() > 10) entries.resize(10);
    return entries;
}

/// What has been found out, all in all.
class Index {
public:
    void add(const fs::path& path, const FileIndex& file) {
        total_ += file.counts;
        byExtension_[path.extension().string()] += file.counts;
        for (const auto& [term, times] : file.frequencies) frequencies_[term] += times;
    }
    void addBinary() { ++binary_; }
    void addUnreadable() { ++unreadable_; }
    void addOthers(std::size_t count) { others_ += count; }

    void print(bool partial) const {
        if (partial) console.log("Partial results: not everything has been read.\n");
        console.log(cell("files") + cell("lines") + cell("words") + cell("bytes"));
        const auto words = [](const Counts& counts) { return counts.words; };
        Counts others = total_;
        for (const auto* entry : greatest(byExtension_, words)) {
            const auto& [extension, counts] = *entry;
            printRow(counts, extension.empty() ? "no extension" : printable(extension));
            others -= counts;
        }
        if (others.files > 0) printRow(others, "others");
        printRow(total_, partial ? "so far" : "in all");

        console.log("\nSkipped:", binary_, "binary,", unreadable_, "unreadable,", others_, "of other kinds");

        console.log("\nThe most frequent words");
        const auto times = [](std::uint64_t count) { return count; };
        for (const auto* entry : greatest(frequencies_, times)) {
            console.log(cell(std::to_string(entry->second)) + "  " + entry->first);
        }
    }

private:
    static void printRow(const Counts& counts, const std::string& name) {
        std::string line;
        for (const auto figure : {counts.files, counts.lines, counts.words, counts.bytes}) {
            line += cell(std::to_string(figure));
        }
        console.log(line + "  " + name);
    }

    static std::string cell(const std::string& text) {
        constexpr std::size_t width = 12;
        return std::string(text.size() < width ? width - text.size() : 1, ' ') + text;
    }

    Counts total_;
    std::map<std::string, Counts> byExtension_;
    Frequencies frequencies_;
    std::size_t binary_ = 0;
    std::size_t unreadable_ = 0;
    std::size_t others_ = 0;
};

/// Reads what is in a directory and below it, several entries at a time, until the signal is aborted.
class Indexer {
public:
    Indexer(Index& index, const Ending& ending)
        : index_(index), signal_(ending.signal()), onAbort_(signal_.addEventListener("abort", [&] {
              progress_.say(std::string("index_files: stopped by ") + ending.cause() + " after " + progress_.figures());
              backlog_.close();
          })) {}
    Indexer(const Indexer&) = delete;
    Indexer& operator=(const Indexer&) = delete;
    ~Indexer() { signal_.removeEventListener("abort", onAbort_); } // a timeout with a listener would be waited for

    /// Throws `std::system_error` if it cannot be read, and the signal's reason if that comes first.
    Promise<> run(fs::path directory, std::size_t jobs) {
        Listing top = co_await offload({.signal = signal_}, listDirectory, directory);
        add(std::move(top));
        progress_.begin();
        std::vector<Promise<>> workers;
        std::generate_n(std::back_inserter(workers), jobs, [this] { return work(); });
        const auto ends = co_await Promise<>::allSettled(std::move(workers)); // while one works, this must live
        for (const auto& end : ends) {
            if (!end.fulfilled()) std::rethrow_exception(end.reason());
        }
    }

private:
    /// One of N workers. Each of them has at most one entry in flight.
    Promise<> work() {
        for (;;) {
            const std::optional<Entry> entry = co_await backlog_.take();
            if (!entry) break;
            try {
                if (entry->isDirectory) {
                    Listing listing = co_await offload({.signal = signal_}, listDirectory, entry->path);
                    add(std::move(listing));
                } else {
                    const std::optional<FileIndex> file = co_await offload({.signal = signal_}, readFile, entry->path);
                    if (file) {
                        index_.add(entry->path, *file);
                    } else {
                        index_.addBinary();
                    }
                }
            } catch (const std::exception& error) {
                if (signal_.aborted()) break;
                progress_.say("index_files: " + printable(entry->path) + ": " + error.what());
                index_.addUnreadable();
            }
            if (!entry->isDirectory) progress_.finished();
            backlog_.done();
        }
    }

    void add(Listing listing) {
        for (Entry& entry : listing.entries) {
            if (!entry.isDirectory) progress_.found();
            backlog_.add(std::move(entry));
        }
        index_.addOthers(listing.others);
    }

    Index& index_;
    Backlog<Entry> backlog_;
    Progress progress_{"index_files", "files"};
    const AbortSignal& signal_;
    EventListener onAbort_;
};

/// Reads what is in a directory, as long as it may. The exit code: 0 if that is all of it.
Promise<int> readAll(Index& index, fs::path root, std::size_t jobs, std::optional<Seconds> timeout) {
    Ending ending(timeout);
    try {
        Indexer indexer(index, ending);
        co_await indexer.run(root, jobs);
    } catch (const std::system_error& error) {
        console.error("index_files:", printable(root) + ":", error.what());
        co_return 2;
    } catch (const DOMException&) { // the directory itself was not yet read
        if (!ending.signal().aborted()) throw;
    }
    co_return ending.signal().aborted() ? ending.exitCode() : 0;
}

/// The exit code.
Promise<int> indexFiles(fs::path root, std::size_t jobs, std::optional<Seconds> timeout) {
    Index index;
    const int exitCode = co_await readAll(index, std::move(root), jobs, timeout);
    if (exitCode == 2) co_return exitCode;
    index.print(exitCode != 0);
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        console.error("index_files: the result cannot be written");
        co_return 1;
    }
    co_return exitCode;
}

// ---- How it is called ---------------------------------------------------------------------------

int refuse(const std::string& why) {
    console.error("index_files:", why);
    console.error("usage: index_files DIR [--jobs N] [--timeout TIME], or index_files --help");
    return 2;
}

}

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    std::vector<std::string> directories;
    std::size_t jobs = 2 * std::max<std::size_t>(1, std::thread::hardware_concurrency());
    std::optional<Seconds> timeout;
    bool options = true; // until a "--"
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        if (!options || !argument->starts_with('-')) {
            directories.push_back(*argument);
        } else if (*argument == "--") {
            options = false;
        } else if (*argument == "--help") {
            console.log(help);
            return 0;
        } else if (*argument == "--jobs") {
            const auto number = ++argument != arguments.end() ? parseNumber(*argument, 1, 1024) : std::nullopt;
            if (!number) return refuse("--jobs needs a number from 1 to 1024");
            jobs = *number;
        } else if (*argument == "--timeout") {
            timeout = ++argument != arguments.end() ? parseTime(*argument) : std::nullopt;
            if (!timeout) return refuse("--timeout needs a time of more than 0, as 500ms, 5s, or 1.5m");
        } else {
            return refuse("there is no option " + printable(*argument));
        }
    }
    if (directories.empty()) return refuse("DIR is missing");
    if (directories.size() > 1) return refuse("there is more than one DIR");

    ThreadPool pool({.threads = jobs});
    EventLoop loop({.pool = &pool});
    return loop.run(indexFiles, directories.front(), jobs, timeout);
}
