// SPDX-License-Identifier: MIT

// Requests to an nginx of its own on this machine, beside a loop of libcurl alone and Node's `fetch`, in one run. Without nginx
// there is nothing to measure.

#include "fetch/nginx.hpp"
#include "support/measured.hpp"

#include <rondo/fetch/detail/exchange.hpp>
#include <rondo/promise.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

using rondo::EventLoop;

namespace {

constexpr std::size_t oneAtATime = 3000;
constexpr std::size_t inFlight = 256;
constexpr std::size_t requestsEach = 40;
constexpr std::size_t gigabyte = std::size_t{1} << 30;

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The server; null, and the benchmark is skipped, if there is none.
Nginx* serverFor(benchmark::State& state) {
    Nginx* const server = Nginx::find();
    if (!server) state.SkipWithError("there is no nginx");
    return server;
}

void reportMedian(benchmark::State& state, std::vector<double>& seconds) {
    if (seconds.empty()) return;
    std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2), seconds.end());
    state.counters["p50"] = seconds[seconds.size() / 2];
}

/// What a program does that has nothing but libcurl: one thread, no loop besides.
class Bare {
public:
    Bare(std::string url, std::size_t handles) : multi_(curl_multi_init()), url_(std::move(url)) {
        for (std::size_t i = 0; i < handles; ++i) {
            CURL* const easy = curl_easy_init();
            curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
            curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
            curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &count);
            curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
            easies_.push_back(easy);
        }
    }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;
    ~Bare() {
        for (CURL* easy : easies_) curl_easy_cleanup(easy);
        curl_multi_cleanup(multi_);
    }

    void request(std::size_t times, std::vector<double>* each = nullptr) {
        std::size_t begun = 0;
        std::size_t ended = 0;
        int running = 0;
        auto began = Clock::now();
        for (CURL* easy : easies_) {
            if (begun++ < times) curl_multi_add_handle(multi_, easy);
        }
        while (ended < times) {
            curl_multi_perform(multi_, &running);
            int left = 0;
            while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
                CURL* const easy = message->easy_handle;
                if (message->data.result != CURLE_OK) std::abort();
                curl_multi_remove_handle(multi_, easy);
                ++ended;
                if (each) each->push_back(secondsSince(began));
                began = Clock::now();
                if (begun++ < times) curl_multi_add_handle(multi_, easy);
            }
            if (running > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
            running = 0;
        }
    }
    std::size_t received() const { return received_; }

private:
    static std::size_t count(char* bytes, std::size_t, std::size_t count, void* self) {
        benchmark::DoNotOptimize(bytes);
        static_cast<Bare*>(self)->received_ += count;
        return count;
    }

    CURLM* multi_;
    std::string url_;
    std::vector<CURL*> easies_;
    std::size_t received_ = 0;
};

/// One request after another, as a loop's program makes them.
class Requests final : public rondo::network::Exchange {
public:
    Requests(const std::string& url, std::size_t times, std::vector<double>* each = nullptr)
        : url_(url), left_(times), each_(each) {}

    void next() {
        began_ = Clock::now();
        start({.url = url_});
    }
    std::size_t received() const { return received_; }

private:
    void headComes(rondo::network::ResponseHead head) noexcept override {
        if (head.status != 200) std::abort();
        read();
    }
    void bytesCome(rondo::Uint8Array bytes) noexcept override {
        benchmark::DoNotOptimize(bytes.data());
        received_ += bytes.length();
        read();
    }
    void ends() noexcept override {
        if (each_) each_->push_back(secondsSince(began_));
        if (--left_ > 0) next();
    }
    void fails(std::exception_ptr) noexcept override { std::abort(); }

    const std::string& url_;
    std::size_t left_;
    std::vector<double>* each_;
    Clock::time_point began_;
    std::size_t received_ = 0;
};

void floor_request_one_at_a_time(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    Bare bare(server->url("/hello"), 1);
    bare.request(100);
    std::vector<double> each;
    {
        const Measured measured(state, oneAtATime);
        for (auto _ : state) bare.request(oneAtATime, &each);
    }
    reportMedian(state, each);
}
BENCHMARK(floor_request_one_at_a_time)->UseRealTime();

void request_one_at_a_time(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string url = server->url("/hello");
    EventLoop loop;
    std::vector<double> each;
    const auto make = [&](std::size_t times, std::vector<double>* times_) {
        Requests requests(url, times, times_);
        loop.run([&] { requests.next(); });
    };
    make(100, nullptr);
    {
        const Measured measured(state, oneAtATime);
        for (auto _ : state) make(oneAtATime, &each);
    }
    reportMedian(state, each);
}
BENCHMARK(request_one_at_a_time)->UseRealTime();

void floor_requests_256_in_flight(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    Bare bare(server->url("/hello"), inFlight);
    bare.request(inFlight * requestsEach);
    const Measured measured(state, inFlight * requestsEach);
    for (auto _ : state) bare.request(inFlight * requestsEach);
}
BENCHMARK(floor_requests_256_in_flight)->UseRealTime();

void requests_256_in_flight(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string url = server->url("/hello");
    EventLoop loop;
    const auto make = [&] {
        std::vector<std::unique_ptr<Requests>> all;
        for (std::size_t i = 0; i < inFlight; ++i) all.push_back(std::make_unique<Requests>(url, requestsEach));
        loop.run([&] {
            for (const auto& requests : all) requests->next();
        });
    };
    make();
    const Measured measured(state, inFlight * requestsEach);
    for (auto _ : state) make();
}
BENCHMARK(requests_256_in_flight)->UseRealTime();

/// In KiB, at its most.
long resident() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

void floor_download_a_gigabyte(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    Bare bare(server->url("/gigabyte"), 1);
    bare.request(1); // now the file is in memory
    const Measured measured(state);
    for (auto _ : state) bare.request(1);
    if (bare.received() % gigabyte != 0) std::abort();
}
BENCHMARK(floor_download_a_gigabyte)->UseRealTime()->Unit(benchmark::kMillisecond);

void download_a_gigabyte(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string url = server->url("/gigabyte");
    EventLoop loop;
    const auto download = [&] {
        Requests requests(url, 1);
        loop.run([&] { requests.next(); });
        if (requests.received() != gigabyte) std::abort();
    };
    download();
    const long before = resident();
    {
        const Measured measured(state);
        for (auto _ : state) download();
    }
    state.counters["MiB more"] = static_cast<double>(resident() - before) / 1024;
}
BENCHMARK(download_a_gigabyte)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Node's `fetch` does the same: what it prints is how long an operation took, in seconds.
void inNode(benchmark::State& state, const char* what, const std::string& path) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string command =
        "node " RONDO_BENCHMARK_FOLDER "/fetch/node.mjs " + std::string(what) + " " + server->url(path);
    for (auto _ : state) {
        double seconds = 0;
        std::FILE* const out = popen(command.c_str(), "r");
        const bool understood = out && std::fscanf(out, "%lf", &seconds) == 1;
        if (out) pclose(out);
        if (!understood) return state.SkipWithError("there is no Node");
        state.SetIterationTime(seconds);
        state.counters["each"] = seconds;
    }
}
void node_request_one_at_a_time(benchmark::State& state) { inNode(state, "sequential", "/hello"); }
void node_requests_256_in_flight(benchmark::State& state) { inNode(state, "concurrent", "/hello"); }
void node_download_a_gigabyte(benchmark::State& state) { inNode(state, "download", "/gigabyte"); }
BENCHMARK(node_request_one_at_a_time)->UseManualTime()->Iterations(1);
BENCHMARK(node_requests_256_in_flight)->UseManualTime()->Iterations(1);
BENCHMARK(node_download_a_gigabyte)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}
