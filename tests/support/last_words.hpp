// SPDX-License-Identifier: MIT
#pragma once

#include "written.hpp"

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/// What a process that has been forked off says on stderr before `f` ends it by `std::abort`; "it lives" if `f` returns.
template <class F>
std::string lastWords(F f) {
    int status = 0;
    std::string words = writtenTo(stderr, [&] {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGABRT, SIG_DFL); // Catch2 would say something of it
            const rlimit none{};
            setrlimit(RLIMIT_CORE, &none);
            try {
                f();
            } catch (...) { // the tests that follow are not the child's
                std::fputs("it has thrown\n", stderr);
            }
            _exit(0);
        }
        if (child > 0) waitpid(child, &status, 0);
    });
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) return words;
    return "it lives";
}
