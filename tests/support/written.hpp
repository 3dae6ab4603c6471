// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

/// Sends what goes to `stream` into a file while it lives.
class Redirected {
public:
    explicit Redirected(std::FILE* stream) : stream_(stream) {
        std::fflush(stream_);
        saved_ = dup(fileno(stream_));
        dup2(fileno(file_.get()), fileno(stream_));
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;
    ~Redirected() { end(); }

    /// Puts the stream back, and says what was written.
    const std::string& text() {
        end();
        return text_;
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    void end() {
        if (saved_ < 0) return;
        std::fflush(stream_);
        dup2(saved_, fileno(stream_));
        close(saved_);
        saved_ = -1;
        std::rewind(file_.get());
        std::array<char, 512> part;
        while (const std::size_t size = std::fread(part.data(), 1, part.size(), file_.get()))
            text_.append(part.data(), size);
    }

    std::FILE* stream_;
    std::unique_ptr<std::FILE, Close> file_{std::tmpfile()};
    int saved_ = -1;
    std::string text_;
};

/// What `f` writes to `stream`. Check it afterwards: what Catch2 would say meanwhile goes there, too.
template <class F>
std::string writtenTo(std::FILE* stream, F f) {
    Redirected redirected(stream);
    f();
    return redirected.text();
}

/// How often `part` stands in `text`.
inline int occurrences(std::string_view text, std::string_view part) {
    int count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
    return count;
}
