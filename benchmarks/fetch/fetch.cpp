// SPDX-License-Identifier: MIT

// Requests to an nginx of its own on this machine, beside a loop of libcurl alone and Node's `fetch`, in one run. Without nginx
// there is nothing to measure.

#include "fetch/nginx.hpp"
#include "support/measured.hpp"

#include <rondo/fetch.hpp>
#include <rondo/rondo.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <string>
#include <sys/resource.h>
#include <vector>

using rondo::configureFetch;
using rondo::EventLoop;
using rondo::Promise;
using rondo::Response;

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

Promise<> request(const std::string& url) {
    const Response response = co_await rondo::fetch(url);
    if (!response.ok()) std::abort();
    benchmark::DoNotOptimize(co_await response.text());
}

Promise<> requests(const std::string& url, std::size_t times, std::vector<double>* each = nullptr) {
    for (std::size_t i = 0; i < times; ++i) {
        const auto began = Clock::now();
        co_await request(url);
        if (each) each->push_back(secondsSince(began));
    }
}

Promise<std::size_t> download(const std::string& url) {
    const Response response = co_await rondo::fetch(url);
    std::size_t received = 0;
    co_await rondo::forAwait(*response.body(), [&](const rondo::Uint8Array& bytes) {
        benchmark::DoNotOptimize(bytes.data());
        received += bytes.length();
    });
    co_return received;
}

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

void fetch_one_at_a_time(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string url = server->url("/hello");
    EventLoop loop;
    std::vector<double> each;
    loop.run([&] { return requests(url, 100); });
    {
        const Measured measured(state, oneAtATime);
        for (auto _ : state) loop.run([&] { return requests(url, oneAtATime, &each); });
    }
    reportMedian(state, each);
}
BENCHMARK(fetch_one_at_a_time)->UseRealTime();

void floor_requests_256_in_flight(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    Bare bare(server->url("/hello"), inFlight);
    bare.request(inFlight * requestsEach);
    const Measured measured(state, inFlight * requestsEach);
    for (auto _ : state) bare.request(inFlight * requestsEach);
}
BENCHMARK(floor_requests_256_in_flight)->UseRealTime();

void fetch_256_in_flight(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string url = server->url("/hello");
    EventLoop loop;
    configureFetch({.requestsPerOrigin = inFlight, .requests = inFlight});
    const auto make = [&] {
        loop.run([&] {
            for (std::size_t i = 0; i < inFlight; ++i) requests(url, requestsEach);
        });
    };
    make();
    const Measured measured(state, inFlight * requestsEach);
    for (auto _ : state) make();
}
BENCHMARK(fetch_256_in_flight)->UseRealTime();

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

void fetch_a_gigabyte(benchmark::State& state) {
    Nginx* const server = serverFor(state);
    if (!server) return;
    const std::string url = server->url("/gigabyte");
    EventLoop loop;
    const auto once = [&] {
        if (loop.runUntilSettled([&] { return download(url); }) != gigabyte) std::abort();
    };
    once();
    const long before = resident();
    {
        const Measured measured(state);
        for (auto _ : state) once();
    }
    state.counters["MiB more"] = static_cast<double>(resident() - before) / 1024;
}
BENCHMARK(fetch_a_gigabyte)->UseRealTime()->Unit(benchmark::kMillisecond);

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
void node_fetch_one_at_a_time(benchmark::State& state) { inNode(state, "sequential", "/hello"); }
void node_fetch_256_in_flight(benchmark::State& state) { inNode(state, "concurrent", "/hello"); }
void node_fetch_a_gigabyte(benchmark::State& state) { inNode(state, "download", "/gigabyte"); }
BENCHMARK(node_fetch_one_at_a_time)->UseManualTime()->Iterations(1);
BENCHMARK(node_fetch_256_in_flight)->UseManualTime()->Iterations(1);
BENCHMARK(node_fetch_a_gigabyte)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}
