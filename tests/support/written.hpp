// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>
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

    /// Puts the stream back, and returns what was written.
    std::string end() {
        std::string text;
        if (saved_ < 0) return text;
        std::fflush(stream_);
        dup2(saved_, fileno(stream_));
        close(saved_);
        saved_ = -1;
        std::rewind(file_.get());
        std::array<char, 512> part;
        while (const std::size_t size = std::fread(part.data(), 1, part.size(), file_.get()))
            text.append(part.data(), size);
        return text;
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::FILE* stream_;
    std::unique_ptr<std::FILE, Close> file_{std::tmpfile()};
    int saved_ = -1;
};

/// What `f` writes to `stream`. Check it afterwards: what Catch2 would say meanwhile goes there, too.
template <class F>
std::string writtenTo(std::FILE* stream, F f) {
    Redirected redirected(stream);
    f();
    return redirected.end();
}
