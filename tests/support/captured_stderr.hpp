// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <unistd.h>

/// Keeps what is written to stderr while it lives.
class CapturedStderr {
public:
    CapturedStderr() : file_(std::tmpfile()) {
        if (!file_) throw std::runtime_error("no temporary file to keep stderr in");
        std::fflush(stderr);
        before_ = dup(STDERR_FILENO);
        dup2(fileno(file_), STDERR_FILENO);
    }
    CapturedStderr(const CapturedStderr&) = delete;
    CapturedStderr& operator=(const CapturedStderr&) = delete;
    ~CapturedStderr() {
        std::fflush(stderr);
        dup2(before_, STDERR_FILENO);
        close(before_);
        std::fclose(file_);
    }

    /// What has been written so far.
    std::string text() const {
        std::fflush(stderr);
        std::string all;
        char part[4096];
        const int file = fileno(file_);
        for (;;) {
            const auto count = pread(file, part, sizeof part, static_cast<off_t>(all.size()));
            if (count <= 0) return all;
            all.append(part, static_cast<std::size_t>(count));
        }
    }

private:
    std::FILE* file_;
    int before_ = -1;
};
