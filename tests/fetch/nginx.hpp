// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/// A real server, nginx, on two ports of this machine: one plain, one with TLS and HTTP/2. One for the whole program, which
/// ends with it.
///
/// The ports are free ones: they are bound here, and nginx inherits them; so it may be asked at once.
class Nginx {
public:
    /// Null, and a word on stderr, if there is none on this machine.
    static Nginx* find() {
        static const std::string program = look();
        if (program.empty()) {
            std::fputs("skipped: there is no nginx on this machine\n", stderr);
            return nullptr;
        }
        static Nginx server(program);
        return &server;
    }

    std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(ports_[0]) + path; }
    std::string secureUrl(const std::string& path) const {
        return "https://localhost:" + std::to_string(ports_[1]) + path;
    }
    static std::string authority() { return RONDO_FETCH_CERTIFICATES "/authority.pem"; }

    /// What `/big` and `/text` are.
    static constexpr std::size_t bigLength = 8 * 1024 * 1024;
    static std::string text() {
        std::string text;
        for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + "\n";
        return text;
    }

    Nginx(const Nginx&) = delete;
    Nginx& operator=(const Nginx&) = delete;

private:
    static std::string look() {
        for (const char* path :
             {"/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"}) {
            if (access(path, X_OK) == 0) return path;
        }
        return {};
    }

    explicit Nginx(const std::string& program) {
        char folder[] = "/tmp/rondo-nginx-XXXXXX";
        if (!mkdtemp(folder)) std::abort();
        folder_ = folder;
        const std::array<int, 2> sockets{bindTo(ports_[0]), bindTo(ports_[1])};
        write("text.txt", text());
        write("big.bin", std::string(bigLength, 'b'));
        write("gigabyte.bin", "");
        if (truncate((folder_ + "/gigabyte.bin").c_str(), off_t{1} << 30)) std::abort(); // zeros, that take no room
        write("nginx.conf", configuration());
        const std::string inherited = std::to_string(sockets[0]) + ";" + std::to_string(sockets[1]) + ";";
        const std::string log = folder_ + "/error.log";
        const std::string file = folder_ + "/nginx.conf";
        const pid_t parent = getpid();
        process_ = fork();
        if (process_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (getppid() != parent) _exit(1);
            setenv("NGINX", inherited.c_str(), 1);
            execl(program.c_str(), "nginx", "-p", folder, "-e", log.c_str(), "-c", file.c_str(), nullptr);
            _exit(1);
        }
        for (const int socket : sockets) close(socket);
    }
    ~Nginx() {
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
        const std::string command = "rm -rf " + folder_;
        static_cast<void>(!std::system(command.c_str()));
    }

    static int bindTo(unsigned& port) {
        const int listener = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const name = reinterpret_cast<sockaddr*>(&address);
        if (bind(listener, name, length) || listen(listener, 1024) || getsockname(listener, name, &length))
            std::abort();
        port = ntohs(address.sin_port);
        return listener;
    }

    void write(const std::string& name, const std::string& content) const {
        std::ofstream(folder_ + "/" + name, std::ios::binary) << content;
    }

    std::string configuration() const {
        const std::string locations = R"(
            root )" + folder_ + R"(;
            default_type text/plain;
            location = /hello { return 200 "Hello, World!"; }
            location = /empty { return 204; }
            location = /big { try_files /big.bin =404; }
            location = /gigabyte { sendfile on; try_files /gigabyte.bin =404; }
            location = /text { gzip on; gzip_types text/plain; gzip_min_length 1; try_files /text.txt =404; }
            location = /unmeasured { gzip on; gzip_types text/plain; gzip_min_length 1; return 200 "early"; }
            location = /slow { limit_rate 200k; try_files /text.txt =404; }
            location = /redirect { return 302 /hello; }
            location = /missing { return 404 "not here"; }
            location = /broken { return 500 "not well"; }
            location = /said { return 200 "$request_method|$server_protocol|$http_accept|$http_user_agent|$content_type|$content_length|$http_x_one"; }
            location = /method { return 200 "$request_method $request_uri"; }
            location = /set-cookie { add_header Set-Cookie "flavour=vanilla; Path=/"; return 200 ""; }
            location = /cookie { return 200 "<$http_cookie>"; }
            location = /connection { return 200 "$connection"; }
            location = /through { proxy_buffering off; proxy_pass http://127.0.0.1:$arg_port; }
            location = /upload { proxy_pass http://127.0.0.1:)" +
                                      std::to_string(ports_[0]) + R"(/said; }
)";
        // Without a master it crashes with ports that it inherits; and a master that is root's makes its worker nobody's.
        return std::string(geteuid() == 0 ? "user root;" : "") + R"(daemon off; worker_processes 1; pid nginx.pid;
worker_rlimit_nofile 4096;
events { worker_connections 2048; }
http {
    access_log off; keepalive_requests 100000; client_max_body_size 0; client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server { listen 127.0.0.1:)" +
               std::to_string(ports_[0]) + ";" + locations + R"(}
    server { listen 127.0.0.1:)" +
               std::to_string(ports_[1]) +
               " ssl http2; ssl_certificate " RONDO_FETCH_CERTIFICATES
               "/server.pem; ssl_certificate_key " RONDO_FETCH_CERTIFICATES "/server.key;" +
               locations + "}\n    server { listen 127.0.0.1:" + std::to_string(ports_[1]) +
               " ssl http2; server_name expired.localhost; ssl_certificate " RONDO_FETCH_CERTIFICATES
               "/expired.pem; ssl_certificate_key " RONDO_FETCH_CERTIFICATES "/expired.key; return 200; }\n}\n";
    }

    std::string folder_;
    std::array<unsigned, 2> ports_{};
    pid_t process_ = 0;
};
