// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

/// A connection that a server of a test has accepted. Everything blocks.
class Connection {
public:
    explicit Connection(int socket) : socket_(socket) {
        const int on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The head of the next request, with the empty line at its end; nothing if the client has gone.
    std::string readHead() {
        for (;;) {
            const std::size_t end = read_.find("\r\n\r\n");
            if (end != std::string::npos) return take(end + 4);
            if (!readMore()) return {};
        }
    }
    /// That many bytes of its body, or fewer if the client goes.
    std::string readBody(std::size_t length) {
        while (read_.size() < length && readMore()) {}
        return take(length);
    }
    /// A body in chunks, up to its end; how many there were.
    std::string readChunks(int& chunks) {
        std::string body;
        for (chunks = 0;; ++chunks) {
            std::size_t end = std::string::npos;
            while ((end = read_.find("\r\n")) == std::string::npos) {
                if (!readMore()) return body;
            }
            const std::size_t length = std::strtoul(take(end + 2).c_str(), nullptr, 16);
            body += readBody(length);
            readBody(2);
            if (length == 0) return body;
        }
    }

    /// False if the client has gone.
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool answer(std::string_view body, std::string_view headers = "") {
        return write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                     std::string(headers) + "\r\n" + std::string(body));
    }

    /// Waits until the client has gone.
    void awaitEnd() {
        while (readMore()) {}
    }
    /// The client is told that the connection is broken, not that it has ended.
    void reset() const {
        const linger now{1, 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

private:
    bool readMore() {
        char buffer[16 * 1024];
        const ssize_t count = recv(socket_, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        read_.append(buffer, static_cast<std::size_t>(count));
        return true;
    }
    std::string take(std::size_t count) {
        std::string taken = read_.substr(0, count);
        read_.erase(0, count);
        return taken;
    }

    int socket_;
    std::string read_;
};

/// A server on a free port of this machine that does what a test wants of it, right or wrong: `serve` is called on a
/// thread of its own for each connection, which ends when it returns. What its threads do is called by `around`.
class Server {
public:
    using Serve = std::function<void(Connection&, int number)>;
    using Around = std::function<void(const std::function<void()>&)>;

    explicit Server(
        Serve serve, Around around = [](const std::function<void()>& act) { act(); })
        : serve_(std::move(serve)), around_(std::move(around)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const name = reinterpret_cast<sockaddr*>(&address);
        if (bind(listener_, name, length) || listen(listener_, 512) || getsockname(listener_, name, &length))
            std::abort();
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { around_([this] { accept(); }); });
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
        {
            const std::lock_guard lock(mutex_);
            for (const Served& served : served_) {
                if (served.open) shutdown(served.socket, SHUT_RDWR);
            }
        }
        for (Served& served : served_) served.thread.join();
    }

    std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
    }
    unsigned port() const { return port_; }
    int connections() const { return connections_; }

private:
    struct Served {
        int socket = -1;
        bool open = true;
        std::thread thread = {};
    };

    void accept() {
        for (;;) {
            const int socket = ::accept(listener_, nullptr, nullptr);
            if (socket < 0) return;
            const int number = ++connections_;
            const std::lock_guard lock(mutex_);
            Served& served = served_.emplace_back();
            served.socket = socket;
            served.thread = std::thread([this, &served, number] {
                const auto act = [&] { serve(served, number); };
                around_(std::cref(act)); // a larger function would take memory before that
            });
        }
    }

    void serve(Served& served, int number) {
        Connection connection(served.socket);
        serve_(connection, number);
        const std::lock_guard closing(mutex_);
        served.open = false;
        close(served.socket);
    }

    Serve serve_;
    Around around_;
    int listener_;
    unsigned port_ = 0;
    std::atomic<int> connections_{0};
    std::mutex mutex_;
    std::list<Served> served_;
    std::thread thread_;
};
