// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <unistd.h>

/// What is written to stderr while it lives.
class StderrCapture {
public:
    StderrCapture() : file_(std::tmpfile()), before_(::dup(STDERR_FILENO)) {
        std::fflush(stderr);
        ::dup2(::fileno(file_), STDERR_FILENO);
    }
    StderrCapture(const StderrCapture&) = delete;
    StderrCapture& operator=(const StderrCapture&) = delete;
    ~StderrCapture() { end(); }

    /// Ends the capture and returns what was written.
    std::string text() {
        end();
        return text_;
    }

private:
    void end() {
        if (!file_) return;
        std::fflush(stderr);
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
        std::rewind(file_);
        char part[512];
        while (const std::size_t length = std::fread(part, 1, sizeof(part), file_)) text_.append(part, length);
        std::fclose(file_);
        file_ = nullptr;
    }

    std::FILE* file_;
    int before_;
    std::string text_;
};

/// How often `part` stands in `text`.
inline int occurrences(std::string_view text, std::string_view part) {
    int count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
    return count;
}
