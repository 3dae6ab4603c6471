// SPDX-License-Identifier: MIT
//
// A server for an example: on a thread of its own it gives every request the same answer.
#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

class Server {
public:
    /// Throws `std::system_error` if there is no port to be had.
    explicit Server(std::string_view text)
        : answer_("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(text.size()) + "\r\n\r\n" + std::string(text)),
          listening_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (listening_ < 0 || bind(listening_, any, size) != 0 || listen(listening_, 16) != 0 ||
            getsockname(listening_, any, &size) != 0)
            throw std::system_error(errno, std::generic_category(), "the example's server cannot listen");
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
        thread_ = std::thread([this] { serve(); });
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        shutdown(listening_, SHUT_RDWR);
        thread_.join();
        close(listening_);
    }

    const std::string& url() const { return url_; }

private:
    void serve() const {
        for (;;) {
            const int connection = accept(listening_, nullptr, nullptr);
            if (connection < 0) return;
            std::string request;
            char buffer[4096];
            while (request.find("\r\n\r\n") == request.npos) {
                const ssize_t count = recv(connection, buffer, sizeof buffer, 0);
                if (count <= 0) break;
                request.append(buffer, static_cast<std::size_t>(count));
            }
            send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL);
            close(connection);
        }
    }

    std::string answer_;
    std::string url_;
    int listening_;
    std::thread thread_;
};
