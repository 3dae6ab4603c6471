// SPDX-License-Identifier: MIT
#pragma once

#include "fetch/server.hpp"

#include <rondo/base/error.hpp>
#include <rondo/fetch/fetch_error.hpp>
#include <rondo/promise/settlement.hpp>

#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A well-behaved server that keeps its connections open, and what it was asked for. What it answers is looked up by the
/// request's target; any other target is answered with "METHOD target", and the body.
class Site {
public:
    struct Seen {
        int connection = 0;
        std::string method = {};
        std::string target = {};
        std::string head = {};
        std::string body = {};

        /// What the header is; "-" if there is none. By its name as it is sent.
        std::string header(std::string_view name) const {
            const std::string line = "\r\n" + std::string(name) + ": ";
            const std::size_t at = head.find(line);
            if (at == std::string::npos) return "-";
            const std::size_t begin = at + line.size();
            return head.substr(begin, head.find("\r\n", begin) - begin);
        }
    };
    using Answers = std::map<std::string, std::string>;

    explicit Site(
        Answers answers = {}, Server::Around around = [](const std::function<void()>& act) { act(); })
        : answers_(std::move(answers)),
          server_([this](Connection& connection, int number) { serve(connection, number); }, std::move(around)) {}

    static std::string answer(std::string_view status, std::string_view headers, std::string_view body) {
        return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               std::string(headers) + "\r\n" + std::string(body);
    }
    static std::string redirect(int status, std::string_view location, std::string_view body = "elsewhere") {
        return answer(std::to_string(status) + " Elsewhere", "Location: " + std::string(location) + "\r\n", body);
    }

    std::string url(std::string_view target = "/") const { return server_.url(target); }
    std::string origin() const { return server_.url(""); }
    int connections() const { return server_.connections(); }

    std::vector<Seen> seen() const {
        const std::lock_guard lock(mutex_);
        return seen_;
    }
    /// "GET /a, POST /b body"
    std::string log() const {
        std::string log;
        for (const Seen& each : seen()) {
            if (!log.empty()) log += ", ";
            log += each.method + " " + each.target;
            if (!each.body.empty()) log += " " + each.body;
        }
        return log;
    }

private:
    void serve(Connection& connection, int number) {
        for (;;) {
            Seen seen;
            seen.connection = number;
            seen.head = connection.readHead();
            if (seen.head.empty()) return;
            const std::size_t space = seen.head.find(' ');
            seen.method = seen.head.substr(0, space);
            seen.target = seen.head.substr(space + 1, seen.head.find(' ', space + 1) - space - 1);
            const std::string length = seen.header("Content-Length");
            int chunks = 0;
            if (length != "-") {
                seen.body = connection.readBody(std::strtoul(length.c_str(), nullptr, 10));
            } else if (seen.header("Transfer-Encoding") == "chunked") {
                seen.body = connection.readChunks(chunks);
            }
            {
                const std::lock_guard lock(mutex_);
                seen_.push_back(seen);
            }
            const auto found = answers_.find(seen.target);
            std::string said =
                found == answers_.end()
                    ? answer("200 OK", "", seen.method + " " + seen.target + (seen.body.empty() ? "" : " ") + seen.body)
                    : found->second;
            if (seen.method == "HEAD") said.erase(said.find("\r\n\r\n") + 4);
            if (!connection.write(said)) return;
        }
    }

    const Answers answers_;
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    Server server_;
};

/// "TypeError: message", then its causes behind "<-"; "none" for null.
inline std::string told(const std::exception_ptr& reason) {
    if (!reason) return "none";
    std::string text = rondo::base::describe(reason);
    try {
        std::rethrow_exception(reason);
    } catch (const rondo::Error& error) {
        if (error.cause()) text += " <- " + told(error.cause());
    } catch (...) {}
    return text;
}

/// libcurl's code of the cause; 0 if there is none.
inline int codeOf(const std::exception_ptr& reason) {
    try {
        if (reason) std::rethrow_exception(reason);
    } catch (const rondo::FetchError& error) {
        return error.code();
    } catch (const rondo::Error& error) {
        return codeOf(error.cause());
    } catch (...) {}
    return 0;
}
